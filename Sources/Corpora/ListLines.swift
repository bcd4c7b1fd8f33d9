public import Diagnostics
public import Files

/// The lists of a file, a JSON object a line, read one by one: memory does not grow with the file.
public struct ListLines: Sendable {
  /// What a line looks like, for messages.
  public static let shape =
    #"a JSON object {"query": "…", "documents": [{"text": "…", "label": 1}, …]}"#

  /// The file, for messages.
  public let source: String
  /// The line of the list that was read last, from 1.
  public private(set) var line = 0
  /// What is wrong with the characters of the lines read so far.
  public private(set) var textFaults: TextFaults
  private let bytes: Bytes
  private var lines: Lines.Iterator
  private var released = 0

  /// The lists of a file, plain or compressed, also of one in an archive (`mined.zip/train.jsonl`).
  ///
  /// - Throws: what `readFile` does.
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

  /// The next list, or nil at the end. Blank lines are passed over, and what no text can hold is
  /// read as U+FFFD and counted.
  ///
  /// - Throws: `badData` with line and key where it is no list.
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

  /// Where the list is that was read last.
  public var place: Place { Place(source, line: line) }
}
