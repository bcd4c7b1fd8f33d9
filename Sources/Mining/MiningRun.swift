public import Corpora
public import Diagnostics
import Files
import Options

/// The output of a job: folder, formats and contents.
public struct MiningOutput: Sendable {
  /// The folder of the whole job.
  public var folder: MiningFolder
  /// The formats, at least one.
  public var formats: [OutputFormat]
  /// Whether texts are written, not only ids.
  public var texts = MinedOptions().texts
  /// The number of queries mined, written and recorded in the journal together.
  public var batch = MinedOptions().batch
  /// The job as text, for `job.yaml`.
  public var job: String
  /// The part of the job's text that the result depends on: a job whose text differs here cannot
  /// resume this one's output.
  public var identity: String
  /// The checksums of corpus and queries by path, if known: a job with different files cannot
  /// resume this one's output.
  public var data: [String: String]?

  /// An output with default contents.
  public init(folder: String, formats: [OutputFormat], job: String, identity: String) {
    precondition(!formats.isEmpty, "a job that writes nothing")
    self.folder = MiningFolder(folder)
    self.formats = formats
    self.job = job
    self.identity = identity
  }

  /// A hash of `identity`.
  var identityHash: String {
    var hash = JournalHash()
    hash.add(identity)
    return hash.text
  }

  /// The names of the output files, without the reports.
  func files(withTeacher: Bool) -> [String] {
    formats.filter { withTeacher || !$0.needsTeacher }.map(\.file) + [MiningFolder.examples]
  }
}

/// A mining job, written batch by batch into a folder: a job that is killed at any moment can be
/// resumed and ends with the same bytes.
public final class MiningRun {
  /// How a run ended.
  public enum End: Sendable {
    /// The job is finished.
    case finished(MiningReport)
    /// The run was cancelled after `done` of its queries.
    case interrupted(done: Int)
  }

  private let miner: Miner
  private let output: MiningOutput
  private let shard: Shard
  private let folder: MiningFolder
  private let range: Range<Int>
  /// The empty texts among those that the job has read, in all its processes; known when the job is
  /// finished.
  public private(set) var emptyTexts: [EmptyTexts] = []

  /// A run of one part of a job.
  public init(_ miner: Miner, to output: MiningOutput, shard: Shard = .whole) {
    precondition(output.batch > 0, "batches of \(output.batch) queries")
    self.miner = miner
    self.output = output
    self.shard = shard
    folder = MiningFolder(shard.folder(in: output.folder.path))
    range = shard.range(of: miner.queryCount, batch: output.batch)
  }

  /// The path of the output folder.
  public var path: String { folder.path }

  /// The number of queries in this part.
  public var queryCount: Int { range.count }

  /// Mines the remaining queries.
  ///
  /// - Parameters:
  ///   - resumes: whether to continue the job in the folder; without one, a job begins.
  ///   - overwrites: whether to replace a job in the folder.
  ///   - progress: receives the number of queries done, and the number that were done at the start.
  ///   - isCancelled: called between batches; true stops the run.
  /// - Throws: `cannotCreate` if the folder holds a job and `resumes` is false, `badData` if it
  ///   holds a different job or no negatives are left; errors of `Miner.mine`; `io` if the disk is
  ///   full: the job can be resumed once there is space.
  public func run(
    resumes: Bool, overwrites: Bool = false,
    progress: (_ done: Int, _ start: Int) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws(Failure) -> End {
    try checkIDs()
    if !overwrites {
      if resumes { try folder.requireJournal() } else { try folder.requireFree() }
      if folder.state == .finished {
        let report = try MiningReport(reading: folder.reportJSON)
        try require(report.job)
        // An earlier process may have been killed before it removed the journal.
        if shard.count == 1 { try removeFile(folder.journal) }
        return .finished(report)
      }
    }
    var files = try open(replacing: overwrites)
    let start = files.next - range.lowerBound
    while files.next < range.upperBound {
      if isCancelled() { return .interrupted(done: files.next - range.lowerBound) }
      let batch = files.next..<min(files.next + output.batch, range.upperBound)
      let mined = try lines(of: try miner.mine(batch))
      // Reject a job of empty texts now, not after a teacher has scored all of it.
      try files.texts(with: mined.texts).filter { $0.empty == $0.read && $0.read >= 100 }
        .requireTexts()
      try files.append(mined, next: batch.upperBound)
      progress(batch.upperBound - range.lowerBound, start)
    }
    // The texts of earlier processes count as well, so that resuming does not accept a job that was
    // rejected.
    let texts = files.texts(with: miner.collection.readTexts)
    try texts.requireTexts()
    emptyTexts = texts.filter { $0.empty > 0 }
    let report = MiningReport(files.counts, job: identity)
    // A part may have no negatives, the whole job may not.
    if shard.count == 1 { try report.requireNegatives() }
    files.close()
    try finish(report)
    return .finished(report)
  }

  /// The hash of everything that the result depends on: the job's text and the contents of its
  /// input files.
  private lazy var identity: String = {
    var hash = JournalHash()
    hash.add(output.identity)
    hash.add("\(miner.collection.documentCount) \(miner.collection.queryCount)")
    for query in miner.judgments.queries {
      hash.add(query)
      for judgment in miner.judgments.judgments(of: query) {
        hash.add(judgment.document)
        hash.add("\(judgment.grade)")
      }
    }
    for source in miner.sources { hash.add(source.stage.fingerprint) }
    hash.add(miner.teacher?.fingerprint ?? "")
    hash.add(miner.plan.answers?.fingerprint ?? "")
    return hash.text
  }()

  /// Rejects ids that a format cannot express, before any work is done.
  private func checkIDs() throws(Failure) {
    guard let format = output.formats.first(where: \.needsPlainIDs) else { return }
    for number in range { try format.check(miner.judgments.queries[number], "query") }
    for place in 0..<miner.collection.documentCount {
      try format.check(miner.collection.documentID(at: place), "document")
    }
  }

  private func require(_ job: String) throws(Failure) {
    guard job == identity else {
      throw Failure(
        .badData, "the folder holds a different job, or a job over different data",
        at: Place(folder.path), expected: "the job described in \(folder.job)",
        remedy: "choose another folder, or start over with --overwrite")
    }
  }

  private static func require(
    _ now: [String: String], asIn before: [String: String], at folder: String
  ) throws(Failure) {
    let changed = Set(before.keys).union(now.keys).sorted().filter { before[$0] != now[$0] }
    guard !changed.isEmpty else { return }
    let none = "missing"
    let list = changed.map {
      "\n    \($0): SHA-256 was \(before[$0] ?? none), is \(now[$0] ?? none)"
    }
    throw Failure(
      .badData, "the collection has changed since the job was started:\(list.joined())",
      at: Place(folder), expected: "the files that the job was started with",
      remedy: "restore the files, choose another folder, or start over with --overwrite")
  }

  private var fileNames: [String] { output.files(withTeacher: miner.teacher != nil) }

  /// Opens the files up to their last recorded sizes, or creates them.
  private func open(replacing isReplaced: Bool) throws(Failure) -> MinedFiles {
    let header = MiningJournal.Header(
      job: identity, text: output.identityHash, first: range.lowerBound, last: range.upperBound,
      queries: miner.queryCount,
      files: fileNames, data: output.data)
    try createFolder(folder.path)
    var known: MiningJournal?
    if !isReplaced, fileKind(at: folder.journal) == .file {
      known = try MiningJournal(reading: folder.journal, size: size)
    }
    if let known {
      try require(known.header.job)
      if let before = known.header.data, let now = header.data {
        try Self.require(now, asIn: before, at: folder.path)
      }
      var comparable = known.header
      comparable.data = header.data
      guard comparable == header else {
        throw Failure(
          .badData, "the folder holds a different part of the job", at: Place(folder.path),
          remedy: "give the same --shard as before")
      }
    }
    // The lock on the journal protects the whole folder.
    let journal = try AppendedFile(folder.journal, keeping: known?.size ?? 0)
    if known == nil {
      try folder.clearOutputs()
      try writeAtomically(output.job, to: folder.job)
    }
    // Files that already have their final names become partial again.
    for name in fileNames where fileKind(at: folder.partial(name)) != .file {
      if fileKind(at: folder.place(name)) == .file {
        try renameFile(folder.place(name), to: folder.partial(name))
      }
    }
    return try MinedFiles(in: folder, header, at: known?.last, journal: journal)
  }

  /// The size of a file in bytes, under its partial or final name.
  private func size(of name: String) -> Int {
    fileSize(at: folder.partial(name)) ?? fileSize(at: folder.place(name)) ?? 0
  }

  /// The lines that a batch adds to each file.
  private func lines(of batch: MinedBatch) throws(Failure) -> MinedFiles.Batch {
    var lines: [String: [UInt8]] = [:]
    for mined in batch.queries {
      var texts: [Int: String]?
      if output.texts {
        var contents: [Int: String] = [:]
        for document in mined.positives + mined.negatives {
          contents[document.index] = try miner.texts.entry(at: document.index).content
        }
        texts = contents
      }
      let query = WrittenQuery(mined: mined, texts: texts)
      for format in output.formats where fileNames.contains(format.file) {
        lines[format.file, default: []] += try format.lines(query)
      }
    }
    for query in batch.shown {
      lines[MiningFolder.examples, default: []] += try MiningJournal.line(query)
    }
    return MinedFiles.Batch(
      lines: lines, counts: batch.counts, texts: miner.collection.readTexts)
  }

  /// Renames the files to their final names; the report comes last, since it marks the job as
  /// finished.
  private func finish(_ report: MiningReport) throws(Failure) {
    for name in fileNames { try renameFile(folder.partial(name), to: folder.place(name)) }
    try report.write(to: folder)
    // A part keeps its journal, since merging adds up the counts.
    if shard.count == 1 { try removeFile(folder.journal) }
  }
}
