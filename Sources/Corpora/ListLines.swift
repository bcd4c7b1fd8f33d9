public import Diagnostics
public import Files

/// The lists of a file, read one at a time: a JSON object per line, in our own form or in one of
/// `ListShape`, or a table of `ListRows`. Memory does not grow with the texts.
public struct ListLines: Sendable {
  /// The format of a line, for messages.
  public static let shape =
    #"a JSON object {"query": "…", "documents": [{"text": "…", "label": 1}, …]}"#

  /// The file, for messages.
  public let source: String
  /// The line number of the last list read, from 1.
  public private(set) var line = 0
  /// The encoding faults of the lines read so far.
  public private(set) var textFaults: TextFaults
  private let bytes: Bytes
  private var lines: Lines.Iterator
  private var rows: ListRows?
  private var released = 0

  /// The lists of a file: plain, compressed or inside an archive (`mined.zip/train.jsonl`).
  ///
  /// - Parameter form: columns and labels of a table.
  /// - Throws: the errors of `readFile` and `init(reading:as:)`.
  public init(
    opening path: String, as form: CollectionForm = CollectionForm()
  ) throws(Failure) {
    try self.init(reading: try readText(path), as: form)
  }

  /// The lists in a text.
  ///
  /// - Throws: `badData` if it is a table that does not hold lists.
  public init(
    reading file: TextFile, as form: CollectionForm = CollectionForm()
  ) throws(Failure) {
    source = file.path
    rows = try ListRows(file, form)
    bytes = file.bytes
    textFaults = rows?.faults ?? file.faults
    lines = bytes.lines.makeIterator()
  }

  /// The next list, or nil at the end. Blank lines are skipped; invalid UTF-8 and half surrogate
  /// pairs are read as U+FFFD and counted.
  ///
  /// - Throws: `badData` with line and key if the line is not a list.
  public mutating func next() throws(Failure) -> ListRecord? {
    if rows != nil {
      guard let found = try rows?.next() else { return nil }
      line = found.line
      return found.record
    }
    while let range = lines.next() {
      line += 1
      if range.upperBound - released > 16 << 20 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
      let text = bytes[range]
      if text.isBlank { continue }
      try DelimitedReader.requireLength(text, at: place)
      return try ListRecord.parse(text, at: place, counting: &textFaults)
    }
    return nil
  }

  /// The place of the last list read.
  public var place: Place { Place(source, line: line) }
}
