/// The output of a mining job.
public struct MinedOptions: Sendable, Equatable {
  /// A format of mined lists.
  public enum Format: String, Sendable, CaseIterable {
    /// A query with its documents per line, in the format that a training recipe reads.
    case lists
    /// A query, a positive and a negative per line.
    case triplets
    /// A query, a positive and all negatives per line.
    case tuples
    /// A query and a document with its label per line.
    case pairs
    /// A TREC run of the negatives, with the first stage's scores.
    case run
    /// A TREC run of positives and negatives, with the teacher's scores.
    case teacherRun = "teacher_run"
  }

  /// The output folder.
  public var folder = ""
  /// The formats to write.
  public var formats: [Format] = [.lists]
  /// Whether texts are written, not only ids.
  public var texts = true
  /// The maximum number of positives written per query; nil for no limit.
  public var positives: Int?
  /// The number of queries mined, written and recorded in the journal together.
  public var batch = 64

  /// The default options.
  public init() {}
}
