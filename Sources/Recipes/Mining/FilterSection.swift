import Diagnostics

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

  static let keys = [
    "range_min", "range_max", "min_score", "max_score", "absolute_margin", "relative_margin",
    "positive", "unscored",
  ]

  init(_ section: RecipeSection?) throws(Failure) {
    guard let section else { return }
    rangeMin = try section.integer("range_min", in: 1...1_000_000) ?? rangeMin
    rangeMax = try section.integer(
      "range_max", in: rangeMin...1_000_000, why: "range_min is \(rangeMin)")
    minScore = try section.number("min_score", .any)
    maxScore = try section.number("max_score", minScore.map { .atLeast($0) } ?? .any)
    absoluteMargin = try section.number("absolute_margin", .atLeast(0))
    relativeMargin = try section.number("relative_margin", .atLeast(0))
    positive = try section.choice("positive") ?? positive
    unscored = try section.choice("unscored") ?? unscored
  }

  func write(to text: inout ResolvedText) {
    text.add("range_min", rangeMin)
    text.add("range_max", rangeMax)
    text.add("min_score", minScore)
    text.add("max_score", maxScore)
    text.add("absolute_margin", absoluteMargin)
    text.add("relative_margin", relativeMargin)
    text.add("positive", positive.rawValue)
    text.add("unscored", unscored.rawValue)
  }
}

/// `teacher`: a cross-encoder that scores positives and negatives; its scores are written, and may
/// reject.
public struct TeacherSection: Sendable, Equatable {
  /// The path of the model.
  public var model: String
  /// Of a classifier with several labels, the name or number of the one that means relevant; nil
  /// for the one whose name says so.
  public var label: String?
  /// The most tokens of a query and a document together; nil for the model's own.
  public var maxLength: Int?
  /// What products are computed in.
  public var precision = TrainingSection.Precision.auto
  /// The highest score a negative may have, as a raw logit; nil for any.
  public var maxScore: Double?
  /// How far below its positive a negative has to be; nil for any distance.
  public var absoluteMargin: Double?
  /// The same as a share of the positive's score.
  public var relativeMargin: Double?
  /// The positive's score where there are several.
  public var positive = FilterSection.Positive.max

  static let keys = [
    "model", "label", "max_length", "precision", "max_score", "absolute_margin", "relative_margin",
    "positive",
  ]

  init(_ section: RecipeSection) throws(Failure) {
    model = try section.required(
      "model", section.text("model", expected: "the path of a cross-encoder"),
      expected: "the path of a cross-encoder")
    label = try section.text("label", expected: "the name or number of a label")
    maxLength = try section.integer("max_length", in: 8...8192)
    precision = try section.choice("precision") ?? precision
    maxScore = try section.number("max_score", .any)
    absoluteMargin = try section.number("absolute_margin", .atLeast(0))
    relativeMargin = try section.number("relative_margin", .atLeast(0))
    positive = try section.choice("positive") ?? positive
  }

  func write(to text: inout ResolvedText) {
    text.add("model", model)
    text.add(later: "label", label)
    text.add("max_length", maxLength)
    text.add("precision", precision.rawValue)
    text.add("max_score", maxScore)
    text.add("absolute_margin", absoluteMargin)
    text.add("relative_margin", relativeMargin)
    text.add("positive", positive.rawValue)
  }
}
