public import Corpora
public import Diagnostics
import Files
import Options

/// What a job writes, and where.
public struct MiningOutput: Sendable {
  /// The folder of the whole job.
  public var folder: MiningFolder
  /// The formats, at least one.
  public var formats: [OutputFormat]
  /// Whether texts are written, or ids alone.
  public var texts = MinedOptions().texts
  /// How many queries are worked on, written and noted in the journal together.
  public var batch = MinedOptions().batch
  /// The job as text, for `job.yaml`.
  public var job: String
  /// What of the job the result depends on: a job whose text differs cannot go on with this one's
  /// output.
  public var identity: String
  /// The checksums of corpus and queries by their paths, where they are known: a job whose texts
  /// differ cannot go on with this one's output.
  public var data: [String: String]?

  /// What is written where.
  public init(folder: String, formats: [OutputFormat], job: String, identity: String) {
    precondition(!formats.isEmpty, "a job that writes nothing")
    self.folder = MiningFolder(folder)
    self.formats = formats
    self.job = job
    self.identity = identity
  }

  /// The identity, in short.
  var identityHash: String {
    var hash = JournalHash()
    hash.add(identity)
    return hash.text
  }

  /// The names of the files, those of the report not among them.
  func files(withTeacher: Bool) -> [String] {
    formats.filter { withTeacher || !$0.needsTeacher }.map(\.file) + [MiningFolder.examples]
  }
}

/// A mining job: batch after batch into a folder, so that a job that was killed at any moment goes
/// on where it was and ends with the same bytes.
public final class MiningRun {
  /// How a run ended.
  public enum End: Sendable {
    /// All is done.
    case finished(MiningReport)
    /// It was asked to stop before; so many of its queries are done.
    case interrupted(done: Int)
  }

  private let miner: Miner
  private let output: MiningOutput
  private let shard: Shard
  private let folder: MiningFolder
  private let range: Range<Int>
  /// Those of the texts that the job has read, in all its processes, that are empty; known once it
  /// is finished.
  public private(set) var emptyTexts: [EmptyTexts] = []

  /// A run of a part of a job.
  public init(_ miner: Miner, to output: MiningOutput, shard: Shard = .whole) {
    precondition(output.batch > 0, "batches of \(output.batch) queries")
    self.miner = miner
    self.output = output
    self.shard = shard
    folder = MiningFolder(shard.folder(in: output.folder.path))
    range = shard.range(of: miner.queryCount, batch: output.batch)
  }

  /// The folder it writes.
  public var path: String { folder.path }

  /// How many queries there are to do.
  public var queryCount: Int { range.count }

  /// Does what is left to do.
  ///
  /// - Parameters:
  ///   - resumes: whether to continue the job in the folder; without one, a job begins.
  ///   - overwrites: whether to replace a job in the folder.
  ///   - progress: is told how many of the queries are done, and how many were when this began.
  ///   - isCancelled: is asked between batches whether to stop.
  /// - Throws: `cannotCreate` where a job is in the folder already and `resumes` is false,
  ///   `badData` where it is another one, or where no negatives are left; what `Miner.mine` does;
  ///   `io` where the disk is full: the job can go on when there is room again.
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
        // It may have been killed before this.
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
      // What would be refused at the end is refused before a teacher has scored it all.
      try files.texts(with: mined.texts).filter { $0.empty == $0.read && $0.read >= 100 }
        .requireTexts()
      try files.append(mined, next: batch.upperBound)
      progress(batch.upperBound - range.lowerBound, start)
    }
    // With what the processes before have read, so that going on does not make a refused job whole.
    let texts = files.texts(with: miner.collection.readTexts)
    try texts.requireTexts()
    emptyTexts = texts.filter { $0.empty > 0 }
    let report = MiningReport(files.counts, job: identity)
    // A part may well have nothing; the whole may not.
    if shard.count == 1 { try report.requireNegatives() }
    files.close()
    try finish(report)
    return .finished(report)
  }

  /// The hash of everything that the result depends on: the job, and the contents of its files.
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

  /// Formats that cannot express an id say so before anything is done.
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
        .badData, "the folder holds another job, or one of other data",
        at: Place(folder.path), expected: "the job that \(folder.job) says",
        remedy: "choose another folder, or start over with --overwrite")
    }
  }

  private static func require(
    _ now: [String: String], asIn before: [String: String], at folder: String
  ) throws(Failure) {
    let changed = Set(before.keys).union(now.keys).sorted().filter { before[$0] != now[$0] }
    guard !changed.isEmpty else { return }
    let none = "none, it is not there"
    let list = changed.map {
      "\n    \($0): SHA-256 was \(before[$0] ?? none), is \(now[$0] ?? none)"
    }
    throw Failure(
      .badData, "the collection changed since the job was begun:\(list.joined())",
      at: Place(folder), expected: "the files that the job was begun with",
      remedy: "put them back, name another folder, or begin again with --overwrite")
  }

  private var fileNames: [String] { output.files(withTeacher: miner.teacher != nil) }

  /// Opens the files as far as they are known to be whole, or new ones.
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
          .badData, "the folder holds another part of the job", at: Place(folder.path),
          remedy: "name the same shard as before")
      }
    }
    // Who has the journal has the folder.
    let journal = try AppendedFile(folder.journal, keeping: known?.size ?? 0)
    if known == nil {
      try folder.clearOutputs()
      try writeAtomically(output.job, to: folder.job)
    }
    // Those that had their names already lose them again.
    for name in fileNames where fileKind(at: folder.partial(name)) != .file {
      if fileKind(at: folder.place(name)) == .file {
        try renameFile(folder.place(name), to: folder.partial(name))
      }
    }
    return try MinedFiles(in: folder, header, at: known?.last, journal: journal)
  }

  /// How many bytes of a file there are, whatever it is called at the moment.
  private func size(of name: String) -> Int {
    fileSize(at: folder.partial(name)) ?? fileSize(at: folder.place(name)) ?? 0
  }

  /// What a batch adds to the files, by their names.
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

  /// Gives the files their names; the report comes last and says that all is there.
  private func finish(_ report: MiningReport) throws(Failure) {
    for name in fileNames { try renameFile(folder.partial(name), to: folder.place(name)) }
    try report.write(to: folder)
    // A part keeps its journal, which merging adds up.
    if shard.count == 1 { try removeFile(folder.journal) }
  }
}
