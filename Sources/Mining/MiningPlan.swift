public import Retrieval

/// What is mined and how, apart from where the queries and candidates come from.
public struct MiningPlan: Sendable {
  /// What is never a negative.
  public var exclusions = Exclusions()
  /// What is taken for a false negative, or for too easy, by the first stage's scores.
  public var filters = ScoreFilters()
  /// The same by the scores of a teacher, where there is one.
  public var teacher = TeacherLimits()
  /// Which of the remaining candidates are taken.
  public var sampling = Sampling()
  /// What all random choices come from.
  public var seed: UInt64 = 7
  /// How many positives of a query are written at most, the highest grades first; nil for all.
  public var positives: Int?
  /// How many candidates a query the teacher scores before any filter, to estimate what the filters
  /// change.
  public var probes = 2
  /// The depths at which the report has the first stage's recall.
  public var depths = [10, 20, 50, 100, 200, 500, 1000]
  /// How many queries the report shows.
  public var examples = 5

  /// A plan of defaults.
  public init() {}
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

/// A way to make one score of those of a query's positives.
public enum PositiveScore: String, Sendable, CaseIterable {
  /// The lowest: the filters are strict.
  case min
  /// The mean.
  case mean
  /// The highest: the filters are lenient.
  case max

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

/// How far below its query's positive a negative has to be.
public struct Margins: Sendable, Equatable {
  /// At least so much: positive − negative ≥ `absolute`.
  public var absolute: Double?
  /// At least this share of the positive's size: negative ≤ positive − |positive| · `relative`. For
  /// positive scores that is negative ≤ positive · (1 − `relative`), where 0.05 is the rule of
  /// 95 % of NV-Retriever (Moreira et al. 2024); a score below 0 gets lower, not higher, as well.
  public var relative: Double?

  /// Margins; nil for none.
  public init(absolute: Double? = nil, relative: Double? = nil) {
    self.absolute = absolute
    self.relative = relative
  }

  /// Whether there is one.
  var isAsked: Bool { absolute != nil || relative != nil }

  /// The margin that a negative's score is too close for, if any.
  func broken(by negative: Double, positive: Double) -> Kind? {
    if let absolute, !(positive - negative >= absolute) { return .absolute }
    if let relative, !(negative <= positive - positive.magnitude * relative) { return .relative }
    return nil
  }

  enum Kind { case absolute, relative }
}

/// What is taken for a false negative, or for too easy, by a source's own ranks and scores.
public struct ScoreFilters: Sendable {
  /// The first rank, from 1, that a negative may have.
  public var firstRank = 1
  /// The last rank that a negative may have; nil for any.
  public var lastRank: Int?
  /// The lowest score that a negative may have; nil for any.
  public var minimumScore: Double?
  /// The highest score that a negative may have; nil for any.
  public var maximumScore: Double?
  /// How far below the positive a negative has to be.
  public var margins = Margins()
  /// What the positive's score is where several were found.
  public var positive = PositiveScore.max
  /// Whether the margins reject everything where no positive was found, and so none has a score;
  /// else they reject nothing.
  public var rejectsWithoutPositive = false

  /// Filters that let everything through.
  public init() {}
}

/// What a teacher takes for a false negative (Qu et al. 2021, RocketQA: denoised hard negatives).
public struct TeacherLimits: Sendable {
  /// The highest score that a negative may have; nil for any.
  public var maximumScore: Double?
  /// How far below the positive a negative has to be.
  public var margins = Margins()
  /// What the positive's score is where there are several.
  public var positive = PositiveScore.max

  /// Limits that let everything through.
  public init() {}
}
