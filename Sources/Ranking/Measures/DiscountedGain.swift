import Foundation

/// `nDCG`: discounted cumulative gain over that of the ideal order.
struct DiscountedGain: MeasureFunction {
  static let description = MeasureDescription(
    name: "nDCG", aliases: ["NDCG"],
    meaning: "normalised discounted cumulative gain: Σ gain / log2(1 + rank) over that of the"
      + " best order of all judged documents",
    source: "Järvelin & Kekäläinen 2002; exp-log2: Burges et al. 2005",
    parameters: [
      MeasureParameter(
        "dcg", .choice(["log2", "exp-log2"]), default: .word("log2"),
        "whether the gain is the grade, or 2^grade - 1")
    ])

  private let cutoff: Int?
  private let isExponential: Bool

  init(_ parameters: MeasureParameters) {
    cutoff = parameters.cutoff
    isExponential = parameters.choice("dcg") == "exp-log2"
  }

  func value(of query: RankedQuery) -> Double {
    // 2^1024 is not finite; the ratio is the same if all gains are divided by a common power of
    // two.
    let scale = isExponential ? max(0, (query.judged.first ?? 0) - 1000) : 0
    let ideal = sum(query.judged.prefix(cutoff ?? .max), scale)
    return ideal > 0 ? sum(query.top(cutoff).lazy.map { $0 ?? 0 }, scale) / ideal : 0
  }

  /// The sum over documents in this order, in units of 2^scale.
  private func sum(_ grades: some Sequence<Double>, _ scale: Double) -> Double {
    var (sum, rank) = (0.0, 0)
    for grade in grades {
      rank += 1
      if grade > 0 {
        let gain = isExponential ? exp2(grade - scale) - exp2(-scale) : grade
        sum += gain / log2(Double(rank + 1))
      }
    }
    return sum
  }
}
