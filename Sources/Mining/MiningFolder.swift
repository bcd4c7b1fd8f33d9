public import Diagnostics
import Files

/// The output folder of a job.
public struct MiningFolder: Sendable {
  /// The folder's path.
  public let path: String

  /// The folder at a path, which does not have to exist.
  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// The progress of a job in the folder.
  public enum State: Sendable, Equatable {
    /// No job was started in the folder.
    case free
    /// A job was started and can be resumed.
    case begun
    /// The job is finished.
    case finished
  }

  /// The state, derived from the files that exist.
  public var state: State {
    if fileKind(at: reportJSON) == .file { return .finished }
    if fileKind(at: journal) == .file { return .begun }
    return leftovers.isEmpty ? .free : .begun
  }

  /// The job's description with every default written out.
  public var job: String { place("job.yaml") }
  /// The report as Markdown.
  public var report: String { place("report.md") }
  /// The report as JSON; it is written last.
  public var reportJSON: String { place("report.json") }
  /// The journal of a running job.
  var journal: String { place("journal.jsonl") }
  /// The queries that the report shows.
  static let examples = "examples.jsonl"

  /// The final path of an output file.
  public func place(_ name: String) -> String { "\(path)/\(name)" }

  /// The path of an output file until the job is finished.
  func partial(_ name: String) -> String { place(name) + ".partial" }

  /// Rejects a folder in which a job may not start. Files whose names no job writes are ignored.
  ///
  /// - Throws: `cannotCreate` if the path is a file or the folder holds a job.
  public func requireFree() throws(Failure) {
    let other = state == .begun ? "give --resume to continue the job" : nil
    try OutputCheck.folder(path, overwrite: false, or: other) { _ in
      switch state {
      case .free: .nothingReplaced
      case .begun: .output("an unfinished job")
      case .finished: .output("a finished job")
      }
    }
  }

  /// Rejects a folder that has a job's output files but no journal, since a job may not have
  /// written them.
  ///
  /// - Throws: `cannotCreate`.
  func requireJournal() throws(Failure) {
    guard state == .begun, fileKind(at: journal) != .file else { return }
    throw Failure(
      .cannotCreate,
      "the folder holds files named like a mining job's output, but no job journal",
      at: Place(path), remedy: "choose another folder, or give --overwrite")
  }

  /// Removes a job's files, beginning with the report that marks it as finished.
  ///
  /// - Throws: `cannotCreate` or `io` if a file cannot be removed.
  public func clear() throws(Failure) {
    try clearOutputs()
    try removeFile(journal)
  }

  /// Removes all files but the journal, whose lock keeps other processes out of the folder.
  func clearOutputs() throws(Failure) {
    try removeFile(reportJSON)
    for name in leftovers where place(name) != journal { try removeFile(place(name)) }
  }

  private var leftovers: [String] {
    let outputs = OutputFormat.all.map(\.file) + [Self.examples]
    let names = ["journal.jsonl", "report.md", "job.yaml"] + outputs
    return (names + outputs.map { $0 + ".partial" }).filter { fileKind(at: place($0)) == .file }
  }
}
