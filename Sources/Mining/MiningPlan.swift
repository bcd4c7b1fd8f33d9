public import Options
public import Retrieval

/// The settings of mining, except for the sources of queries and candidates.
public struct MiningPlan: Sendable {
  /// Documents that never become negatives.
  public var exclusions = Exclusions()
  /// The answers, if `exclusions` names a file of them.
  public var answers: Answers?
  /// Limits on first-stage scores and ranks, against false negatives and negatives that are too
  /// easy.
  public var filters = ScoreFilters()
  /// Limits on the teacher's scores, if there is a teacher.
  public var teacher = TeacherLimits()
  /// The selection from the remaining candidates.
  public var sampling = Sampling()
  /// The maximum number of positives per query, in descending order of grade; nil for no limit.
  public var positives: Int?
  /// The contents of the report.
  public var report = MiningReportOptions()

  /// A plan with default settings.
  public init() {}

  /// Whether a document's text is needed to decide its exclusion.
  var readsTexts: Bool {
    exclusions.queryText || exclusions.duplicates || exclusions.nearDuplicates != nil
      || answers != nil || exclusions.pattern != nil || exclusions.empty
  }
}

/// A first stage as a source of candidates.
public struct CandidateSource {
  /// The first stage.
  public var stage: any FirstStage
  /// The number of candidates per query.
  public var depth: Int
  /// The maximum number of negatives per query from this source; nil for an equal share of the
  /// remainder after all quotas, and more if other sources run short.
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
  /// The combination of `scores`; nil if there are none.
  func callAsFunction(_ scores: [Double]) -> Double? {
    guard let first = scores.first else { return nil }
    return switch self {
    case .min: scores.reduce(first, Swift.min)
    case .mean: scores.reduce(0, +) / Double(scores.count)
    case .max: scores.reduce(first, Swift.max)
    }
  }
}
