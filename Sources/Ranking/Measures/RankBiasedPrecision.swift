/// `RBP`: the rate at which a reader with some persistence finds relevant documents.
struct RankBiasedPrecision: MeasureFunction {
  static let description = MeasureDescription(
    name: "RBP",
    meaning: "rank-biased precision: (1 - p) · Σ p^(rank - 1) over the relevant documents; the"
      + " reader continues to the next document with probability p",
    source: "Moffat & Zobel 2008",
    parameters: [
      MeasureParameter(
        "p", .real(0...1), default: .number(0.8), isAlwaysPrinted: true,
        "the persistence of the reader"),
      MeasureParameter(
        "rel", .grade, default: .number(1), isAlwaysPrinted: true,
        "the least grade that counts as relevant"),
    ])

  private let cutoff: Int?
  private let persistence: Double
  private let relevance: Double

  init(_ parameters: MeasureParameters) {
    cutoff = parameters.cutoff
    persistence = parameters.number("p")
    relevance = parameters.number("rel")
  }

  func value(of query: RankedQuery) -> Double {
    var (weight, sum) = (1 - persistence, 0.0)
    for grade in query.top(cutoff) {
      if isRelevant(grade, from: relevance) { sum += weight }
      weight *= persistence
    }
    return sum
  }
}
