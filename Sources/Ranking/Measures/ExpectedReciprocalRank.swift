import Diagnostics
import Foundation

/// `ERR`: the expected reciprocal rank at which a reader who goes down the list is satisfied.
struct ExpectedReciprocalRank: MeasureFunction {
  static let description = MeasureDescription(
    name: "ERR",
    meaning: "expected reciprocal rank: Σ 1/rank · P(the reader stops there), who stops at a"
      + " document with probability (2^grade - 1) / 2^max_rel",
    source: "Chapelle et al. 2009; max_rel 4: TREC's gdeval",
    parameters: [
      MeasureParameter(
        "max_rel", .grade, default: .number(4), "the greatest grade of the judgments")
    ])

  private let cutoff: Int?
  private let greatest: Double

  init(_ parameters: MeasureParameters) {
    cutoff = parameters.cutoff
    greatest = parameters.number("max_rel")
  }

  func value(of query: RankedQuery) -> Double {
    var (goesOn, sum, rank) = (1.0, 0.0, 0)
    for grade in query.top(cutoff) {
      rank += 1
      guard let grade, grade > 0 else { continue }
      let stops = exp2(grade - greatest) - exp2(-greatest)
      sum += goesOn * stops / Double(rank)
      goesOn *= 1 - stops
    }
    return sum
  }

  func check(_ query: RankedQuery) throws(Failure) {
    guard let grade = query.judged.first, grade > greatest else { return }
    let (found, most) = (OptionValue.number(grade), OptionValue.number(greatest))
    throw Failure(
      .badData, "a document is judged \(found), but ERR is computed for grades up to \(most)",
      expected: "grades from 0 to \(most), or another max_rel",
      remedy: "write 'ERR(max_rel=\(found))\(cutoff.map { "@\($0)" } ?? "")' with the greatest"
        + " grade of the collection")
  }
}
