import Diagnostics
public import Options

/// `filter`: what is taken for a false negative, or for too easy, by the first stage's own ranks and
/// scores.
public struct FilterSection: Sendable, Equatable {
  /// How one score is made of those of a query's positives.
  public enum Positive: String, Sendable, CaseIterable {
    /// The lowest.
    case min
    /// The mean.
    case mean
    /// The highest.
    case max
  }

  /// What margins do where no positive was found.
  public enum Unscored: String, Sendable, CaseIterable {
    /// They reject nothing.
    case keep
    /// They reject everything.
    case reject
  }

  /// The first rank a negative may have.
  public var rangeMin = 1
  /// The last rank a negative may have; nil for any.
  public var rangeMax: Int?
  /// The lowest score a negative may have; nil for any.
  public var minScore: Double?
  /// The highest score a negative may have; nil for any.
  public var maxScore: Double?
  /// How far below its positive a negative has to be; nil for any distance.
  public var absoluteMargin: Double?
  /// The same as a share of the positive's score.
  public var relativeMargin: Double?
  /// The positive's score where several were found.
  public var positive = Positive.max
  /// What margins do where none was found.
  public var unscored = Unscored.keep
}

extension FilterSection: Section {
  static let defaults = FilterSection()

  static let options: [Option<FilterSection>] = [
    .init("range_min", \.rangeMin, .integer(1...1_000_000), "the first rank a negative may have"),
    .optional(
      "range_max", \.rangeMax,
      given: { .integer($0.rangeMin...1_000_000, why: "range_min is \($0.rangeMin)") },
      "the last rank a negative may have"),
    .optional("min_score", \.minScore, .number(.any), "the lowest score a negative may have"),
    .optional(
      "max_score", \.maxScore, given: { .number($0.minScore.map { .atLeast($0) } ?? .any) },
      "the highest score a negative may have"),
    .optional(
      "absolute_margin", \.absoluteMargin, .number(.atLeast(0)),
      "positive - negative is at least this"),
    .optional(
      "relative_margin", \.relativeMargin, .number(.atLeast(0)),
      "negative <= positive - |positive| * this"
    ).shown(as: "0.05"),
    .init("positive", \.positive, .choice, "which of several positives' scores"),
    .init(
      "unscored", \.unscored, .choice, "where no positive was found, margins keep or reject all"),
  ]
}

/// `teacher`: a cross-encoder that scores positives and negatives; its scores are written, and may
/// reject.
public struct TeacherSection: Sendable, Equatable {
  /// The path of the model.
  public var model = ""
  /// Of a classifier with several labels, the name or number of the one that means relevant; nil
  /// for the one whose name says so.
  public var label: String?
  /// The most tokens of a query and a document together; nil for the model's own.
  public var maxLength: Int?
  /// What products are computed in.
  public var precision = PrecisionOption.auto
  /// The highest score a negative may have, as a raw logit; nil for any.
  public var maxScore: Double?
  /// How far below its positive a negative has to be; nil for any distance.
  public var absoluteMargin: Double?
  /// The same as a share of the positive's score.
  public var relativeMargin: Double?
  /// The positive's score where there are several.
  public var positive = FilterSection.Positive.max
}

extension TeacherSection: Section {
  static let defaults = TeacherSection()

  static let options: [Option<TeacherSection>] = [
    .required(
      "model", \.model, .text("the path of a cross-encoder"),
      expected: "the path of a cross-encoder", example: "Checkpoints/helpdesk-quickstart",
      "the model, as --model takes it"),
    .optional(
      "label", \.label, .text("the name or number of a label"),
      "of a classifier with several labels, the one that means relevant, by name or number; null for "
        + "the one whose name says so"
    ).later(),
    .optional(
      "max_length", \.maxLength, .integer(8...8192),
      "tokens of a pair; null for the length that the model was trained with"),
    .init("precision", \.precision, .trainingPrecision, "what products are computed in"),
    .optional(
      "max_score", \.maxScore, .number(.any), "the highest score, a raw logit, a negative may have"),
    .optional(
      "absolute_margin", \.absoluteMargin, .number(.atLeast(0)),
      "positive - negative is at least this, by the teacher's scores"),
    .optional(
      "relative_margin", \.relativeMargin, .number(.atLeast(0)),
      "negative <= positive - |positive| * this"),
    .init("positive", \.positive, .choice, "which of several positives' scores"),
  ]
}
