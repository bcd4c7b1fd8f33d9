public import Corpora
package import JSON

/// What became of the pairs of a job.
public struct JudgeSummary: Sendable, Equatable {
  /// The number of pairs.
  public let pairCount: Int
  /// The grades.
  public let grades: [JudgedPair: Int]
  /// The number of pairs that were left out, by the reason.
  public let leftOut: [String: Int]
  /// The requests over all runs of the job.
  public let requests: Int
  /// The tokens over all runs of the job.
  public let tokens: Int

  /// The best grade.
  public let highestGrade: Int

  init(
    _ pairs: [JudgedPair], _ verdicts: [JudgedPair: Verdict],
    _ spent: (requests: Int, tokens: Int), highestGrade: Int
  ) {
    self.highestGrade = highestGrade
    pairCount = pairs.count
    var grades: [JudgedPair: Int] = [:]
    var leftOut: [String: Int] = [:]
    for pair in pairs {
      guard let verdict = verdicts[pair] else { continue }
      if let grade = verdict.grade {
        grades[pair] = grade
      } else {
        leftOut[verdict.rationale, default: 0] += 1
      }
    }
    (self.grades, self.leftOut) = (grades, leftOut)
    (requests, tokens) = spent
  }

  /// The number of pairs that were left out.
  public var leftOutCount: Int { leftOut.values.reduce(0, +) }

  /// The number of pairs that are still to be decided.
  public var openCount: Int { pairCount - grades.count - leftOutCount }

  /// The agreement with human judgments of the same pairs.
  public func agreement(with human: Judgments) -> JudgeAgreement {
    JudgeAgreement(
      grades.compactMap { pair, grade in
        human.grade(of: pair.document, for: pair.query).map { (human: $0, judge: grade) }
      }, highest: highestGrade)
  }

  /// The summary as JSON, with an agreement if there is one.
  package func json(_ agreement: JudgeAgreement?) -> JSONValue {
    .object([
      "pairs": .whole(pairCount), "judged": .whole(grades.count),
      "left_out": .object(leftOut.mapValues { .whole($0) }), "open": .whole(openCount),
      "requests": .whole(requests), "tokens": .whole(tokens),
      "agreement": agreement?.json ?? .null,
    ])
  }
}
