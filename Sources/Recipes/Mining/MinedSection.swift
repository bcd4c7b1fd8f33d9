import Options

/// `output`: what is written where.
public struct MinedSection: Sendable, Equatable {
  /// A way to write what was mined.
  public enum Format: String, Sendable, CaseIterable {
    /// A query with its documents a line, as a training recipe reads it.
    case lists
    /// A query, a positive and a negative a line.
    case triplets
    /// A query, a positive and all negatives a line.
    case tuples
    /// A query and a document with its label a line.
    case pairs
    /// A TREC run of the negatives, with the first stage's scores.
    case run
    /// A TREC run of positives and negatives, with the teacher's scores.
    case teacherRun = "teacher_run"
  }

  /// The folder the job writes.
  public var folder = ""
  /// What is written.
  public var formats: [Format] = [.lists]
  /// Whether texts are written, or ids alone.
  public var texts = true
  /// How many positives of a query are written at most; nil for all.
  public var positives: Int?
  /// How many queries are worked on and written together; after a kill no more of them are done
  /// again.
  public var batch = 64
}

extension MinedSection: Section {
  static let defaults = MinedSection()

  static let options: [Option<MinedSection>] = [
    .required(
      "folder", \.folder, .text("a path"), expected: "the folder the job writes",
      example: "Checkpoints/helpdesk-mined", "the folder the job writes"),
    .init(
      "formats", \.formats, .choices(),
      "what is written; lists is what data.train.lists of a recipe reads"),
    .init("texts", \.texts, .flag, "false writes ids alone"),
    .optional(
      "positives", \.positives, .integer(1...1_000_000),
      "positives of a query at most, the best grades first; null for all"),
    .init(
      "batch", \.batch, .integer(1...100_000),
      "queries that are written together: the most that a crash costs"),
  ]
}

/// `report`: what the report shows.
extension MiningReportOptions: Section {
  static let defaults = MiningReportOptions()

  static let options: [Option<MiningReportOptions>] = [
    .init("examples", \.examples, .integer(0...1000), "queries to look at"),
    .init(
      "probes", \.probes, .integer(0...1000),
      "candidates a query that the teacher scores before any filter"),
    .init("depths", \.depths, .ranks, "the depths at which the first stage's recall is told"),
  ]
}
