import Foundation

/// The number of queries with which a gain of the size seen would probably be shown: that of a paired
/// test at 5 %, two-sided, with a power of 80 %, ((z₀.₉₇₅ + z₀.₈) · s / m)² for differences of mean m
/// and standard deviation s (Cohen 1988; of retrieval experiments Sakai 2016). It is rounded up to two
/// digits: mean and deviation are estimates themselves.
///
/// - Parameter differences: the differences, one per query.
/// - Returns: nil if there is no gain, if its deviation is not known or 0, or if there are as many
///   queries as that already, which a test of few queries may ask for all the same.
func queriesNeeded(toShow differences: [Double]) -> Int? {
  let count = Double(differences.count)
  let mean = differences.reduce(0, +) / max(1, count)
  guard count > 1, mean > 0, differences.contains(where: { $0 != differences[0] }) else {
    return nil
  }
  let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
  let quantiles = 1.959964 + 0.841621
  let needed = (quantiles * quantiles * variance / (mean * mean)).rounded(.up)
  // A gain that is next to nothing would take more than anybody has.
  guard needed > count, needed < 1e9 else { return nil }
  let unit = pow(10, max(0, floor(log10(needed)) - 1))
  return Int((needed / unit).rounded(.up) * unit)
}
