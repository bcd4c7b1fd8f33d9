/// What a mining job writes, and where.
public struct MinedOptions: Sendable, Equatable {
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

  /// The folder.
  public var folder = ""
  /// What is written.
  public var formats: [Format] = [.lists]
  /// Whether texts are written, or ids alone.
  public var texts = true
  /// How many positives of a query are written at most; nil for all.
  public var positives: Int?
  /// How many queries are worked on, written and noted in the journal together.
  public var batch = 64

  /// The defaults.
  public init() {}
}
