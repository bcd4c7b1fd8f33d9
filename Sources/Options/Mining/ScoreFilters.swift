public import Ranking

/// A way to make one score of those of a query's positives.
public enum PositiveScore: String, Sendable, CaseIterable {
  /// The lowest: the filters are strict.
  case min
  /// The mean.
  case mean
  /// The highest: the filters are lenient.
  case max
}

/// What is taken for a false negative, or for too easy, by a source's own ranks and scores.
public struct ScoreFilters: Sendable, Equatable {
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
public struct TeacherLimits: Sendable, Equatable {
  /// The highest score that a negative may have; nil for any.
  public var maximumScore: Double?
  /// How far below the positive a negative has to be.
  public var margins = Margins()
  /// What the positive's score is where there are several.
  public var positive = PositiveScore.max

  /// Limits that let everything through.
  public init() {}
}

/// A cross-encoder that scores positives and negatives; its scores are written, and may reject.
public struct TeacherOptions: Sendable, Equatable {
  /// The path of the model.
  public var model = ""
  /// Of a classifier with several labels, the name or number of the one that means relevant; nil
  /// for the one whose name says so.
  public var label: String?
  /// The most tokens of a query and a document together; nil for the model's own.
  public var maximumLength: Int?
  /// What products are computed in.
  public var precision = PrecisionOption.auto
  /// What its scores reject.
  public var limits = TeacherLimits()

  /// The defaults.
  public init() {}
}
