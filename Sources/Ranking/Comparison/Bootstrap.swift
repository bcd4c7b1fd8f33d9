/// A confidence interval for a mean by the bootstrap (Efron 1979): samples of the same size are
/// drawn with replacement, and the interval contains the middle 95 % of their means. It assumes no
/// distribution.
public struct Bootstrap: Sendable, Equatable {
  /// The 2.5 % quantile of the means.
  public let low: Double
  /// The 97.5 % quantile of the means.
  public let high: Double

  /// An interval of known bounds.
  package init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

  /// The interval of the mean of `values`, at least one and all finite. O(draws · values).
  public init(
    meanOf values: [Double], draws: Int = 2000, using generator: inout some RandomNumberGenerator
  ) {
    precondition(!values.isEmpty && draws > 0, "a bootstrap of \(values.count) values")
    let count = UInt64(values.count)
    var means: [Double] = []
    means.reserveCapacity(draws)
    for _ in 0..<draws {
      var sum = 0.0
      for _ in values.indices {
        let word: UInt64 = generator.next()
        sum += values[Int(word.multipliedFullWidth(by: count).high)]
      }
      means.append(sum / Double(values.count))
    }
    means.sort()
    low = Self.quantile(means, 0.025)
    high = Self.quantile(means, 0.975)
  }

  /// Linear interpolation between the two nearest sorted values.
  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
