import Options

/// `filter`: limits on the first stage's own ranks and scores, against false negatives and
/// negatives that are too easy.
extension ScoreFilters: Section {
  static let defaults = ScoreFilters()

  static let options: [Option<ScoreFilters>] = [
    .init("range_min", \.firstRank, .integer(1...1_000_000), "the first rank a negative may have"),
    .optional(
      "range_max", \.lastRank,
      given: { .integer($0.firstRank...1_000_000, why: "range_min is \($0.firstRank)") },
      "the last rank a negative may have"),
    .optional("min_score", \.minimumScore, .number(.any), "the lowest score a negative may have"),
    .optional(
      "max_score", \.maximumScore, given: { .number($0.minimumScore.map { .atLeast($0) } ?? .any) },
      "the highest score a negative may have"),
    .optional(
      "absolute_margin", \.margins.absolute, .number(.atLeast(0)),
      "positive - negative is at least this"),
    .optional(
      "relative_margin", \.margins.relative, .number(.atLeast(0)),
      "negative <= positive - |positive| * this"
    ).shown(as: "0.05"),
    .init("positive", \.positive, .choice, "which of several positives' scores"),
    .init(
      "unscored", \.unscored, .choice, "where no positive was found, margins keep or reject all"),
  ]

  /// The effect of margins if no positive was found.
  fileprivate enum Unscored: String, Sendable, CaseIterable { case keep, reject }

  private var unscored: Unscored {
    get { rejectsWithoutPositive ? .reject : .keep }
    set { rejectsWithoutPositive = newValue == .reject }
  }
}

/// `teacher`: a cross-encoder that scores positives and negatives; its scores are written, and may
/// reject negatives.
extension TeacherOptions: Section {
  static let defaults = TeacherOptions()

  static let options: [Option<TeacherOptions>] = [
    .required(
      "model", \.model, .text("the path of a cross-encoder"),
      expected: "the path of a cross-encoder", example: "Checkpoints/helpdesk-quickstart",
      "the model, as --model takes it"),
    .optional(
      "label", \.label, .text("the name or number of a label"),
      "of a classifier with several labels, the one that means relevant, by name or number; null for "
        + "the label whose name means relevant"
    ).later(),
    .optional(
      "max_length", \.maximumLength, .integer(8...8192),
      "tokens of a pair; null for the length that the model was trained with"),
    .init("precision", \.precision, .trainingPrecision, "precision of matrix products"),
    .optional(
      "max_score", \.limits.maximumScore, .number(.any),
      "the highest score, a raw logit, a negative may have"),
    .optional(
      "absolute_margin", \.limits.margins.absolute, .number(.atLeast(0)),
      "positive - negative is at least this, by the teacher's scores"),
    .optional(
      "relative_margin", \.limits.margins.relative, .number(.atLeast(0)),
      "negative <= positive - |positive| * this"),
    .init("positive", \.limits.positive, .choice, "which of several positives' scores"),
  ]
}
