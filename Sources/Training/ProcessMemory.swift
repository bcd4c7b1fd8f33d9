import Foundation

/// The memory of this process and of the machine, in bytes.
enum ProcessMemory {
  /// The most that has been resident so far.
  static var peak: Int {
    var usage = rusage()
    // Linux counts in kilobytes, Darwin in bytes.
    #if os(Linux)
      unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Int(usage.ru_maxrss) * 1024
    #else
      unsafe getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss)
    #endif
  }

  /// What is resident now; the peak where the system does not tell it.
  static var resident: Int { kilobytes("VmRSS", in: "/proc/self/status") ?? peak }

  /// What a process can still take without swapping: what the system has left, or what a control
  /// group leaves of its limit; nil where the system tells neither.
  static var available: Int? {
    let left = kilobytes("MemAvailable", in: "/proc/meminfo")
    guard let limit = number(in: "/sys/fs/cgroup/memory.max"),
      let used = number(in: "/sys/fs/cgroup/memory.current")
    else { return left }
    return min(left ?? .max, max(limit - used, 0))
  }

  private static func kilobytes(_ key: String, in file: String) -> Int? {
    let text = try? String(contentsOfFile: file, encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(key + ":") }
    let words = line?.split(whereSeparator: \.isWhitespace)
    return words.flatMap { $0.count > 1 ? Int($0[1]) : nil }.map { $0 * 1024 }
  }

  private static func number(in file: String) -> Int? {
    (try? String(contentsOfFile: file, encoding: .utf8))
      .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }
}
