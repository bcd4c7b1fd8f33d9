/// Counts for two estimates of the share of false negatives.
///
/// The number of relevant documents among the unjudged is unknown; the two estimates approach it
/// differently.
///
/// **By judgments.** Each positive that the first stage found is treated as if it were unjudged: it
/// goes through all filters, against the query's other positives, as an unjudged document does. A
/// positive that passes would have been a false negative. `before` is the share of positives among
/// all candidates, `after` among those that pass the filters: the share of randomly drawn negatives
/// that would be relevant without the judgments. If the judged documents are a fair sample of the
/// relevant ones, unjudged relevant documents behave like them, so the quotient of the two measures
/// the filters' effect; the values themselves decrease with the number of judged documents. With
/// margins, queries with a single positive are excluded. (Holding out known positives is common in
/// the evaluation of recommenders; RocketQA, Qu et al. 2021, had annotators judge the top
/// candidates of MS MARCO instead and found 70 % of them relevant.)
///
/// **By a teacher.** The share of negatives that the teacher scores above the query's positive:
/// `after` among the selected negatives, `before` among candidates drawn in the same way with no
/// filter except judged relevance. The estimate is as reliable as the teacher; if the teacher's own
/// margin is a filter, `after` is 0 by construction.
public struct EstimateCounts: Sendable, Equatable, Codable {
  /// Positives among the candidates.
  public var relevantFound = 0
  /// Positives among the candidates that pass the filters.
  public var relevantPassed = 0
  /// Candidates in the corpus that are not positives.
  public var others = 0
  /// Others that pass the filters by rank and score.
  public var othersLeft = 0
  /// Others whose texts were checked and that the teacher scored.
  public var othersExamined = 0
  /// Examined others that passed.
  public var othersPassed = 0
  /// Candidates that the teacher scored before any filter, of queries whose positives have a score.
  public var probed = 0
  /// Probed candidates that score above the positive.
  public var probedAbove = 0
  /// Negatives that the teacher scored, of queries whose positives have a score.
  public var scored = 0
  /// Scored negatives above the positive.
  public var scoredAbove = 0

  /// Zero counts.
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

  /// Removes the counts of the estimate by judgments.
  mutating func forgetJudgments() {
    (relevantFound, relevantPassed) = (0, 0)
    (others, othersLeft, othersExamined, othersPassed) = (0, 0, 0, 0)
  }

  /// The share of false negatives by judgments, before and after the filters; nil without a count
  /// to divide by.
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
