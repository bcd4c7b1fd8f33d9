import Foundation

/// The peak memory of this process so far, in megabytes of 2^20 bytes.
package var peakMemory: Double {
  var usage = rusage()
  // Linux counts in kilobytes, Darwin in bytes.
  #if os(Linux)
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
  #else
    unsafe getrusage(RUSAGE_SELF, &usage)
    return Double(usage.ru_maxrss) / 1_048_576
  #endif
}

/// The median of some numbers: the mean of the two middle ones for an even count; 0 for none.
package func median(_ numbers: [Double]) -> Double {
  let sorted = numbers.sorted()
  guard !sorted.isEmpty else { return 0 }
  return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
}
