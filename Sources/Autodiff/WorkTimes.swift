/// How a worker spent its time, in seconds.
public struct WorkTimes: Sendable, Equatable {
  /// Matrix products.
  public var products = 0.0
  /// Attention, including its products.
  public var attention = 0.0
  /// All other parts of the forward and backward passes: row-wise and elementwise operations.
  public var rows = 0.0
  /// Reducing gradients and updating weights.
  public var optimizer = 0.0
  /// Waiting for other workers and for batches.
  public var waiting = 0.0

  /// All times 0.
  public init() {}

  /// The sum of all times.
  public var total: Double { products + attention + rows + optimizer + waiting }

  /// Sums, kind by kind.
  public static func + (a: WorkTimes, b: WorkTimes) -> WorkTimes { combine(a, b, +) }

  /// Differences, kind by kind.
  public static func - (a: WorkTimes, b: WorkTimes) -> WorkTimes { combine(a, b, -) }

  private static func combine(
    _ a: WorkTimes, _ b: WorkTimes, _ operation: (Double, Double) -> Double
  ) -> WorkTimes {
    var result = WorkTimes()
    for path in [
      \WorkTimes.products, \WorkTimes.attention, \WorkTimes.rows, \WorkTimes.optimizer,
      \WorkTimes.waiting,
    ] { result[keyPath: path] = operation(a[keyPath: path], b[keyPath: path]) }
    return result
  }
}

/// Runs `body` and adds the seconds it took to `sum`. Reading the clock twice takes a hundred
/// nanoseconds, negligible against products of a millisecond.
@inline(__always)
package func timed<Result>(_ sum: inout Double, _ body: () -> Result) -> Result {
  let start = ContinuousClock.now
  let result = body()
  let parts = (ContinuousClock.now - start).components
  sum += Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  return result
}
