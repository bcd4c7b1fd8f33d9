import Foundation

/// One thing that is measured, as a share of what this machine could do at best.
///
/// Absolute times mean little on another machine, and on a shared one little from one minute to the
/// next. So everything is held against products of square matrices measured in the same run, and
/// for things that are no products, against how many values such a product makes in the same time.
struct Measurement {
  /// What is measured.
  var name: String
  /// What was reached, as a share of what is possible; the more the better.
  var share: Double
}

/// The shortest of several times of `body`, in seconds: what others on the machine take away is not
/// its fault. The first call is not counted.
func shortestTime(rounds: Int = 7, _ body: () -> Void) -> Double {
  body()
  let clock = ContinuousClock()
  return (0..<rounds).map { _ in clock.measure(body) / .seconds(1) }.min() ?? 0
}

/// The least shares that are accepted, from `thresholds.json` beside the package's manifest.
struct Thresholds {
  private var shares: [String: Double]

  init(reading path: String) throws {
    shares = try JSONDecoder().decode(
      [String: Double].self, from: try Data(contentsOf: URL(filePath: path)))
  }

  /// The least share of a measurement; nil where none is committed.
  subscript(name: String) -> Double? { shares[name] }
}
