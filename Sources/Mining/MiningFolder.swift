public import Diagnostics
import Files

/// The folder that a job writes.
public struct MiningFolder: Sendable {
  /// Where it is.
  public let path: String

  /// The folder at a path; it need not be there yet.
  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// How far a job is in the folder.
  public enum State: Sendable, Equatable {
    /// There is nothing of a job.
    case free
    /// A job was begun and can go on.
    case begun
    /// A job is finished.
    case finished
  }

  /// What the files that are there tell.
  public var state: State {
    if fileKind(at: reportJSON) == .file { return .finished }
    if fileKind(at: journal) == .file { return .begun }
    return leftovers.isEmpty ? .free : .begun
  }

  /// The job, every value written out.
  public var job: String { place("job.yaml") }
  /// The report for people.
  public var report: String { place("report.md") }
  /// The report for programs; it is written last of all.
  public var reportJSON: String { place("report.json") }
  /// What is known to have been written, while a job is under way.
  var journal: String { place("journal.jsonl") }
  /// The queries that the report shows.
  static let examples = "examples.jsonl"

  /// Where a file of the result is in the end.
  public func place(_ name: String) -> String { "\(path)/\(name)" }

  /// Where it is until then.
  func partial(_ name: String) -> String { place(name) + ".partial" }

  /// Rejects a folder that a job may not begin in. Files of other names than a job writes are left
  /// alone, and do not count.
  ///
  /// - Throws: `cannotCreate` for a file, and for a folder that holds a job.
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

  /// Rejects a folder with files of the names that a job writes and no journal: whether a job wrote
  /// them is not known.
  ///
  /// - Throws: `cannotCreate`.
  func requireJournal() throws(Failure) {
    guard state == .begun, fileKind(at: journal) != .file else { return }
    throw Failure(
      .cannotCreate,
      "the folder holds files with the names of a job's output, and no journal of a job",
      at: Place(path), remedy: "choose another folder, or give --overwrite")
  }

  /// Removes what a job left, the mark that it is finished first.
  ///
  /// - Throws: `cannotCreate` or `io` where something cannot be removed.
  public func clear() throws(Failure) {
    try clearOutputs()
    try removeFile(journal)
  }

  /// Removes all but the journal, which tells other processes that this one is at work.
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
