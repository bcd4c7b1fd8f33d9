import Diagnostics
import Files

/// The byte ranges of the records of a file, by id and by ordinal. The file stays mapped, and
/// records are read on demand.
struct RecordIndex: Sendable {
  /// The file, for messages.
  let path: String
  private let bytes: Bytes
  private let identifiers: IdentifierTable
  /// The start of each record; it ends at the start of the next one.
  private let starts: [Int]
  /// The encoding faults of the records.
  let textFaults: TextFaults

  /// The number of records.
  var count: Int { starts.count }

  /// The ids in file order.
  func identifier(at ordinal: Int) -> String { identifiers[ordinal] }

  /// The ordinal of an id, or nil.
  func ordinal(of id: String) -> Int? { identifiers.ordinal(of: id) }

  /// The bytes of a record, including any up to the next record.
  func record(at ordinal: Int) -> Bytes {
    bytes[starts[ordinal]..<end(of: ordinal)]
  }

  /// The line of a record, from 1. O(file): for messages.
  func place(of ordinal: Int) -> Place {
    Place(path, line: RecordIndex.line(of: starts[ordinal], in: bytes))
  }

  /// Lets the system drop these records and the pages that it mapped around them: otherwise, many
  /// single reads would bring the whole file into memory.
  func release(from first: Int, through ordinal: Int) {
    let start = max(0, starts[first] - RecordIndex.neighbourhood)
    bytes.release(start..<min(bytes.count, end(of: ordinal) + RecordIndex.neighbourhood))
  }

  /// The number of bytes that Linux maps around an accessed page (`fault_around_bytes`).
  private static let neighbourhood = 1 << 16

  private func end(of ordinal: Int) -> Int {
    ordinal + 1 < starts.count ? starts[ordinal + 1] : bytes.count
  }

  private static func line(of start: Int, in bytes: Bytes) -> Int {
    bytes[0..<start].lines.reduce(into: 1) { count, _ in count += 1 }
  }
}

extension RecordIndex {
  /// An index without records.
  static func empty(_ path: String) -> RecordIndex {
    RecordIndex(
      path: path, bytes: Bytes([]), identifiers: IdentifierTable(), starts: [],
      textFaults: TextFaults(of: path))
  }

  /// Indexes a file of JSON objects, one per line, by the key `_id`. One pass; blank lines are
  /// skipped.
  ///
  /// - Throws: `badData` with file and line if an id is missing or duplicate, or if a line turns
  ///   out, during the search for its id, not to be a JSON object.
  init(jsonLines file: TextFile) throws(Failure) {
    let (bytes, path) = (file.bytes, file.path)
    var faults = file.faults
    faults.isOfCollection = true
    var identifiers = IdentifierTable()
    var starts: [Int] = []
    var lineNumber = 0
    var released = 0
    for range in bytes.lines {
      lineNumber += 1
      var line = bytes[range]
      if line.isBlank { continue }
      if !line.isUTF8 {
        faults.add(notUTF8: line, line: lineNumber)
        line = Bytes(Array(line.text.utf8))
      }
      faults.add(loneSurrogates: line.loneSurrogates, line: lineNumber)
      let former: Int?
      do throws(IdentifierScan.Problem) {
        former = try line.withSpan { span throws(IdentifierScan.Problem) in
          try identifiers.insert(IdentifierScan.identifier(in: span), of: span)
        }
      } catch {
        let column = error.column.map { line[0..<$0].text.count + 1 }
        throw Failure(
          .badData, error.problem, at: Place(path, line: lineNumber, column: column),
          expected: error.expected)
      }
      if let former {
        let first = RecordIndex.line(of: starts[former], in: bytes)
        throw Failure(
          .badData,
          "the id '\(identifiers[former])' occurs twice, on lines \(first) and \(lineNumber)",
          at: Place(path, line: lineNumber, key: "_id"), expected: "each id once",
          remedy: "remove one of the two lines")
      }
      starts.append(range.lowerBound)
      if range.upperBound - released > 16 << 20 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
    }
    bytes.release(released..<bytes.count)
    self.init(
      path: path, bytes: bytes, identifiers: identifiers, starts: starts,
      textFaults: faults)
  }
}

extension IdentifierTable {
  /// Inserts the result of a scan of `line`.
  fileprivate mutating func insert(
    _ identifier: IdentifierScan.Identifier, of line: Span<UInt8>
  ) throws(IdentifierScan.Problem) -> Int? {
    switch identifier {
    case .plain(let range), .number(let range):
      return insert(line.extracting(range))
    case .escaped(let range):
      guard let id = decodedString(line.extracting(range)) else {
        throw IdentifierScan.Problem(
          problem: #"the value of "_id" contains an invalid escape sequence"#,
          column: range.lowerBound, expected: #"an id such as "d12" or 12"#)
      }
      return insert(Array(id.utf8).span)
    }
  }
}

extension Bytes {
  /// Whether there is only white space.
  var isBlank: Bool {
    withSpan { span in
      for index in span.indices where span[index] != 0x20 && span[index] != 0x09 { return false }
      return true
    }
  }
}
