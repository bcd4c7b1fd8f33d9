public import Diagnostics
public import Files

/// The lists of a file, one JSON object per line, read one at a time: memory does not grow with the
/// file.
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
  private var released = 0

  /// The lists of a file: plain, compressed or inside an archive (`mined.zip/train.jsonl`).
  ///
  /// - Throws: the errors of `readFile`.
  public init(opening path: String) throws(Failure) {
    self.init(reading: try readText(path))
  }

  /// The lists in a text.
  public init(reading file: TextFile) {
    source = file.path
    bytes = file.bytes
    textFaults = file.faults
    lines = bytes.lines.makeIterator()
  }

  /// The next list, or nil at the end. Blank lines are skipped; invalid UTF-8 and half surrogate
  /// pairs are read as U+FFFD and counted.
  ///
  /// - Throws: `badData` with line and key if the line is not a list.
  public mutating func next() throws(Failure) -> ListRecord? {
    while let range = lines.next() {
      line += 1
      if range.upperBound - released > 16 << 20 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
      let text = bytes[range]
      if text.isBlank { continue }
      return try ListRecord.parse(text, at: place, counting: &textFaults)
    }
    return nil
  }

  /// The place of the last list read.
  public var place: Place { Place(source, line: line) }
}
