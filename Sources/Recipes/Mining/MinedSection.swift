import Diagnostics

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
  public var folder: String
  /// What is written.
  public var formats: [Format] = [.lists]
  /// Whether texts are written, or ids alone.
  public var texts = true
  /// How many positives of a query are written at most; nil for all.
  public var positives: Int?
  /// How many queries are worked on and written together; after a kill no more of them are done
  /// again.
  public var batch = 64

  static let keys = ["folder", "formats", "texts", "positives", "batch"]

  init(_ section: RecipeSection) throws(Failure) {
    folder = try section.required(
      "folder", section.text("folder", expected: "a path"), expected: "the folder the job writes")
    formats = try section.choices("formats") ?? formats
    texts = try section.flag("texts") ?? texts
    positives = try section.integer("positives", in: 1...1_000_000)
    batch = try section.integer("batch", in: 1...100_000) ?? batch
  }

  func write(to text: inout ResolvedText, folder: String) {
    text.add("folder", folder)
    text.add("formats", formats.map(\.rawValue))
    text.add("texts", texts)
    text.add("positives", positives)
    text.add("batch", batch)
  }
}

/// `report`: what the report shows.
public struct MiningReportSection: Sendable, Equatable {
  /// How many queries it shows.
  public var examples = 5
  /// How many candidates a query the teacher scores before any filter.
  public var probes = 2
  /// The depths it has the first stage's recall at.
  public var depths = [10, 20, 50, 100, 200, 500, 1000]

  static let keys = ["examples", "probes", "depths"]

  init(_ section: RecipeSection?) throws(Failure) {
    guard let section else { return }
    examples = try section.integer("examples", in: 0...1000) ?? examples
    probes = try section.integer("probes", in: 0...1000) ?? probes
    depths = try section.ranks("depths") ?? depths
  }

  func write(to text: inout ResolvedText) {
    text.add("examples", examples)
    text.add("probes", probes)
    text.add("depths", depths.map(Double.init))
  }
}
