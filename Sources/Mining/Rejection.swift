/// The reason to reject a candidate as a negative.
public enum Rejection: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  /// Its id is not in the corpus.
  case missing
  /// It is judged relevant for the query.
  case relevant
  /// It is judged relevant for another query with the same words.
  case relevantElsewhere = "relevant_elsewhere"
  /// It has the query's own id, and such documents are excluded.
  case identicalID = "identical_id"
  /// Its text is empty.
  case empty
  /// It is the query itself.
  case queryText = "query_text"
  /// It has the same words as a positive.
  case duplicate
  /// It has nearly the same words as a positive.
  case nearDuplicate = "near_duplicate"
  /// It contains an answer of the query.
  case answer
  /// It matches the pattern.
  case pattern
  /// It ranks too high to be trusted.
  case rangeMin = "range_min"
  /// It ranks too low to be hard.
  case rangeMax = "range_max"
  /// Its score is too low to be hard.
  case minScore = "min_score"
  /// Its score is too high to be trusted.
  case maxScore = "max_score"
  /// Its score is too near the positive's, by the absolute margin.
  case absoluteMargin = "absolute_margin"
  /// Its score is too near the positive's, by the relative margin.
  case relativeMargin = "relative_margin"
  /// The teacher's score is too high.
  case teacherMaxScore = "teacher_max_score"
  /// The teacher's score is too near the positive's, by the absolute margin.
  case teacherAbsoluteMargin = "teacher_absolute_margin"
  /// The teacher's score is too near the positive's, by the relative margin.
  case teacherRelativeMargin = "teacher_relative_margin"

  /// Whether a verdict of one source rejects a candidate regardless of other sources, since it may
  /// be relevant. A candidate that is too easy for one source may be hard for another.
  var isSuspicion: Bool { self != .rangeMax && self != .minScore }

  /// The reason as a report words it.
  public var explanation: String {
    switch self {
    case .missing: "not in the corpus"
    case .relevant: "judged relevant"
    case .relevantElsewhere: "judged relevant for a query with the same words"
    case .identicalID: "the query's own id"
    case .empty: "empty"
    case .queryText: "the query's own text"
    case .duplicate: "the same words as a positive"
    case .nearDuplicate: "nearly the same words as a positive"
    case .answer: "contains an answer"
    case .pattern: "matches the pattern"
    case .rangeMin: "ranks above the window"
    case .rangeMax: "ranks below the window"
    case .minScore: "score below min_score"
    case .maxScore: "score above max_score"
    case .absoluteMargin: "within absolute_margin of the positive"
    case .relativeMargin: "within relative_margin of the positive"
    case .teacherMaxScore: "teacher score above max_score"
    case .teacherAbsoluteMargin: "within the teacher's absolute_margin of the positive"
    case .teacherRelativeMargin: "within the teacher's relative_margin of the positive"
    }
  }
}
