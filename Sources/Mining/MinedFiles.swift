import Corpora
import Diagnostics
import Files

/// The files of a job that is under way, and their journal.
struct MinedFiles {
  /// What a batch adds.
  struct Batch {
    let lines: [String: [UInt8]]
    let counts: MiningCounts
    /// What this process has read so far.
    let texts: [EmptyTexts]
  }

  /// The query that comes next.
  private(set) var next: Int
  private(set) var counts: MiningCounts
  /// What earlier processes have read.
  private let earlierTexts: [EmptyTexts]
  private var files: [(name: String, file: AppendedFile)] = []
  private var journal: AppendedFile?

  /// Opens the files of a folder, cut back to what `entry` says.
  init(
    in folder: MiningFolder, _ header: MiningJournal.Header, at entry: MiningJournal.Entry?,
    journal: AppendedFile
  ) throws(Failure) {
    next = entry?.next ?? header.first
    counts = entry?.counts ?? MiningCounts()
    earlierTexts = entry?.texts ?? []
    for name in header.files {
      files.append(
        (name, try AppendedFile(folder.partial(name), keeping: entry?.sizes[name] ?? 0)))
    }
    if journal.count == 0 {
      try journal.append(try MiningJournal.line(header))
      try journal.flush()
    }
    self.journal = journal
  }

  /// Adds a batch: it counts as done when the journal says so, after its lines are on the disk.
  mutating func append(_ batch: Batch, next: Int) throws(Failure) {
    counts.add(batch.counts)
    self.next = next
    for (name, file) in files {
      guard let lines = batch.lines[name] else { continue }
      try file.append(lines)
      try file.flush()
    }
    let sizes = Dictionary(
      files.map { ($0.name, $0.file.count) }, uniquingKeysWith: { first, _ in first })
    let entry = MiningJournal.Entry(
      next: next, sizes: sizes, counts: counts, texts: texts(with: batch.texts))
    try journal?.append(try MiningJournal.line(entry))
    try journal?.flush()
  }

  /// What was read from the beginning, where this process has read `texts`.
  func texts(with texts: [EmptyTexts]) -> [EmptyTexts] {
    texts.map { own in earlierTexts.first { $0.noun == own.noun }?.adding(own) ?? own }
  }

  /// Closes the files.
  mutating func close() {
    files = []
    journal = nil
  }
}
