import Randomness
package import Ranking

/// Random lists for measurements of losses.
package struct LossBatch {
  /// The name of the batch in JSON, such as `512_of_8`.
  package let name: String
  /// The name in tables, such as `512 of 8`.
  package let title: String
  /// The number of pairs.
  package let pairs: Int
  private let scores, labels: [Double]
  private let offsets: [Int]

  /// Lists of random scores and of grades from 0 to 3.
  package init(lists: Int, of size: Int) {
    name = "\(lists)_of_\(size)"
    title = "\(lists) of \(size)"
    pairs = lists * size
    var random = SplitMix64(seed: 7)
    scores = (0..<pairs).map { _ in Double.random(in: -3...3, using: &random) }
    labels = (0..<pairs).map { _ in Double(random.below(4)) }
    offsets = (0...lists).map { $0 * size }
  }

  /// The median time of computing a value with its gradient; the first two are not counted.
  package func seconds(_ loss: Loss) -> Double {
    var workspace = LossWorkspace()
    var gradient = [Double](repeating: 0, count: pairs)
    var times: [Double] = []
    let clock = ContinuousClock()
    for round in 0..<9 {
      let time = clock.measure {
        var span = gradient.mutableSpan
        _ = loss.evaluate(
          scores: scores.span, labels: labels.span, offsets: offsets.span, draw: UInt64(round),
          gradient: &span, workspace: &workspace)
      }
      if round >= 2 { times.append(time / .seconds(1)) }
    }
    return median(times)
  }
}
