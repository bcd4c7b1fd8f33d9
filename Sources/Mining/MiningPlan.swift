public import Options
public import Retrieval

/// What is mined and how, apart from where the queries and candidates come from.
public struct MiningPlan: Sendable {
  /// What is never a negative.
  public var exclusions = Exclusions()
  /// The answers of `exclusions`, where it names a file of them.
  public var answers: Answers?
  /// What is taken for a false negative, or for too easy, by the first stage's scores.
  public var filters = ScoreFilters()
  /// The same by the scores of a teacher, where there is one.
  public var teacher = TeacherLimits()
  /// Which of the remaining candidates are taken.
  public var sampling = Sampling()
  /// How many positives of a query are written at most, the highest grades first; nil for all.
  public var positives: Int?
  /// What the report shows.
  public var report = MiningReportOptions()

  /// A plan of defaults.
  public init() {}

  /// Whether a document has to be read to know whether it is excluded.
  var readsTexts: Bool {
    exclusions.queryText || exclusions.duplicates || exclusions.nearDuplicates != nil
      || answers != nil || exclusions.pattern != nil || exclusions.empty
  }
}

/// A first stage as a source of candidates.
public struct CandidateSource {
  /// What finds them.
  public var stage: any FirstStage
  /// How many a query.
  public var depth: Int
  /// How many negatives of a query come from it at most; nil for its share of those that no quota
  /// names, and more where other sources run short.
  public var quota: Int?

  /// A source.
  public init(_ stage: any FirstStage, depth: Int, quota: Int? = nil) {
    precondition(depth > 0, "a source of \(depth) candidates")
    self.stage = stage
    self.depth = depth
    self.quota = quota
  }
}

extension PositiveScore {
  /// The score made of `scores`, or nil where there are none.
  func callAsFunction(_ scores: [Double]) -> Double? {
    guard let first = scores.first else { return nil }
    return switch self {
    case .min: scores.reduce(first, Swift.min)
    case .mean: scores.reduce(0, +) / Double(scores.count)
    case .max: scores.reduce(first, Swift.max)
    }
  }
}
