public import Ranking

/// The aggregation of the scores of a query's positives.
public enum PositiveScore: String, Sendable, CaseIterable {
  /// The lowest score: the filters are strict.
  case min
  /// The mean score.
  case mean
  /// The highest score: the filters are lenient.
  case max
}

/// Limits on a source's own ranks and scores, against false negatives and negatives that are too
/// easy.
public struct ScoreFilters: Sendable, Equatable {
  /// The first rank of a negative, from 1.
  public var firstRank = 1
  /// The last rank of a negative; nil for no limit.
  public var lastRank: Int?
  /// The lowest score of a negative; nil for no limit.
  public var minimumScore: Double?
  /// The highest score of a negative; nil for no limit.
  public var maximumScore: Double?
  /// The required distance of a negative's score below the positive's.
  public var margins = Margins()
  /// The aggregation if several positives were found.
  public var positive = PositiveScore.max
  /// Whether the margins reject every candidate if no positive was found, so that there is no
  /// reference score; otherwise they reject none.
  public var rejectsWithoutPositive = false

  /// Filters that reject nothing.
  public init() {}
}

/// Limits on a teacher's scores, against false negatives (Qu et al. 2021, RocketQA: denoised hard
/// negatives).
public struct TeacherLimits: Sendable, Equatable {
  /// The highest score of a negative; nil for no limit.
  public var maximumScore: Double?
  /// The required distance of a negative's score below the positive's.
  public var margins = Margins()
  /// The aggregation if there are several positives.
  public var positive = PositiveScore.max

  /// Limits that reject nothing.
  public init() {}
}

/// A cross-encoder that scores positives and negatives; its scores are written, and may reject
/// negatives.
public struct TeacherOptions: Sendable, Equatable {
  /// The path of the model.
  public var model = ""
  /// The name or number of the label that means relevant, for a classifier with several labels; nil
  /// to select it by name.
  public var label: String?
  /// The maximum number of tokens per pair of query and document; nil for the model's own limit.
  public var maximumLength: Int?
  /// The precision of matrix products.
  public var precision = PrecisionOption.auto
  /// The limits on its scores.
  public var limits = TeacherLimits()

  /// The default options.
  public init() {}
}
