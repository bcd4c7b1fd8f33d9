/// What the estimates of false negatives are made of.
///
/// How many of the unjudged documents are relevant is not known; these are two ways to
/// look at it.
///
/// **By judgments.** Each positive that the first stage found is treated as if it were unjudged: it
/// goes through all filters, against the query's other positives, as an unjudged document does.
/// What passes would have been a false negative. `before` is the share of positives among all
/// candidates, `after` among those that pass the filters: what share of negatives drawn at random
/// would be relevant if the judgments did not exist. An unjudged relevant document behaves like one
/// of these as far as the judged are a fair sample of the relevant, so the quotient of the two says
/// what the filters are worth; the values themselves are lower the fewer documents are judged.
/// Where there are margins, queries with a single positive take no part. (This takes the known
/// positives for held-out ones, as recommendation does; RocketQA, Qu et al. 2021, had people look
/// at the top of MS MARCO's candidates instead and found 70 % of them relevant.)
///
/// **By a teacher.** The share of negatives that the teacher scores above the query's positive:
/// `after` of those that were kept, and `before` of candidates drawn in the same way before any
/// filter but that of judged relevance. It is as good as the teacher; where the teacher's own
/// margin is a filter, `after` is 0 by construction.
public struct EstimateCounts: Sendable, Equatable, Codable {
  /// Positives among the candidates.
  public var relevantFound = 0
  /// Those of them that the filters would have let through.
  public var relevantPassed = 0
  /// Other candidates that are in the corpus.
  public var others = 0
  /// Those of them that pass the filters by rank and score.
  public var othersLeft = 0
  /// Those of them that were read, and scored by the teacher.
  public var othersExamined = 0
  /// Those of them that then passed.
  public var othersPassed = 0
  /// Candidates that the teacher scored before any filter, where a positive has a score.
  public var probed = 0
  /// Those of them above the positive.
  public var probedAbove = 0
  /// Negatives that the teacher scored, where a positive has a score.
  public var scored = 0
  /// Those of them above the positive.
  public var scoredAbove = 0

  /// Nothing yet.
  public init() {}

  mutating func add(_ other: EstimateCounts) {
    relevantFound += other.relevantFound
    relevantPassed += other.relevantPassed
    others += other.others
    othersLeft += other.othersLeft
    othersExamined += other.othersExamined
    othersPassed += other.othersPassed
    probed += other.probed
    probedAbove += other.probedAbove
    scored += other.scored
    scoredAbove += other.scoredAbove
  }

  /// Takes out what the share by judgments is made of.
  mutating func forgetJudgments() {
    (relevantFound, relevantPassed) = (0, 0)
    (others, othersLeft, othersExamined, othersPassed) = (0, 0, 0, 0)
  }

  /// The share of false negatives by judgments, before and after the filters; nil where there is
  /// nothing to tell it from.
  public var byJudgments: (before: Double?, after: Double?) {
    let share = othersExamined == 0 ? 1 : Double(othersPassed) / Double(othersExamined)
    return (
      Self.share(Double(relevantFound), Double(others)),
      Self.share(Double(relevantPassed), Double(othersLeft) * share)
    )
  }

  /// The share of false negatives by the teacher, before and after the filters.
  public var byTeacher: (before: Double?, after: Double?) {
    (
      Self.share(Double(probedAbove), Double(probed - probedAbove)),
      Self.share(Double(scoredAbove), Double(scored - scoredAbove))
    )
  }

  private static func share(_ part: Double, _ rest: Double) -> Double? {
    part + rest > 0 ? part / (part + rest) : nil
  }
}
