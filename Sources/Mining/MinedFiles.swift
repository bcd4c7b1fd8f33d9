import Corpora
import Diagnostics
import Files

/// The output files of a running job, and their journal.
struct MinedFiles {
  /// The output of one batch.
  struct Batch {
    let lines: [String: [UInt8]]
    let counts: MiningCounts
    /// The empty texts among those that this process has read so far.
    let texts: [EmptyTexts]
  }

  /// The number of the next query to mine.
  private(set) var next: Int
  private(set) var counts: MiningCounts
  /// The empty texts that earlier processes have counted.
  private let earlierTexts: [EmptyTexts]
  private var files: [(name: String, file: AppendedFile)] = []
  private var journal: AppendedFile?

  /// Opens the files of a folder, truncated to the sizes in `entry`.
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

  /// Appends a batch. It counts as done once its journal entry is written, which follows after its
  /// lines have been flushed to the disk.
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

  /// The empty texts of the whole job, given those (`texts`) that this process has read.
  func texts(with texts: [EmptyTexts]) -> [EmptyTexts] {
    texts.map { own in earlierTexts.first { $0.noun == own.noun }?.adding(own) ?? own }
  }

  /// Closes the files.
  mutating func close() {
    files = []
    journal = nil
  }
}
