import Diagnostics
import Files

/// The byte ranges of the records of one or more files, by id and by ordinal. The files stay
/// mapped, and records are read on demand.
struct RecordIndex: Sendable {
  /// A record as its file holds it.
  struct Record {
    /// Its id.
    var id: String
    /// Its bytes, including any up to the next record of the index.
    var bytes: Bytes
    /// The number of its file, from 0.
    var part: Int
  }

  /// The records of one file.
  fileprivate struct Part: Sendable {
    var path: String
    var bytes: Bytes
    /// The ordinal of its first record.
    var first: Int
  }

  /// The file, or the first of several, for messages.
  let path: String
  fileprivate let parts: [Part]
  fileprivate let identifiers: IdentifierTable
  /// The start of each record; it ends at the start of the next one.
  fileprivate let starts: [Int]
  /// The encoding faults of the files.
  let textFaults: [TextFaults]

  /// The number of records.
  var count: Int { starts.count }

  /// The ids in file order.
  func identifier(at ordinal: Int) -> String { identifiers[ordinal] }

  /// The ordinal of an id, or nil.
  func ordinal(of id: String) -> Int? { identifiers.ordinal(of: id) }

  /// The record with this ordinal.
  func record(at ordinal: Int) -> Record {
    let part = part(of: ordinal)
    return Record(
      id: identifiers[ordinal], bytes: parts[part].bytes[starts[ordinal]..<end(of: ordinal, part)],
      part: part)
  }

  /// The line of a record, from 1. O(file): for messages.
  func place(of ordinal: Int) -> Place {
    let part = parts[part(of: ordinal)]
    return Place(part.path, line: RecordIndex.line(of: starts[ordinal], in: part.bytes))
  }

  /// The offset of a record in its file.
  func start(of ordinal: Int) -> Int { starts[ordinal] }

  /// Lets the system drop these records and the pages that it mapped around them: otherwise, many
  /// single reads would bring the whole file into memory.
  func release(from first: Int, through ordinal: Int) {
    let last = part(of: ordinal)
    for number in part(of: first)...last {
      let part = parts[number]
      let start = number == self.part(of: first) ? starts[first] : 0
      let end = number == last ? end(of: ordinal, number) : part.bytes.count
      part.bytes.release(
        max(
          0, start - RecordIndex.neighbourhood)..<min(
            part.bytes.count, end + RecordIndex.neighbourhood))
    }
  }

  /// The number of bytes that Linux maps around an accessed page (`fault_around_bytes`).
  private static let neighbourhood = 1 << 16

  /// The number of the file with a record: the last one whose first record is not after it.
  func part(of ordinal: Int) -> Int {
    if parts.count < 2 { return 0 }
    var (low, high) = (0, parts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if parts[middle].first <= ordinal { low = middle } else { high = middle }
    }
    return low
  }

  private func end(of ordinal: Int, _ part: Int) -> Int {
    let next = part + 1 < parts.count ? parts[part + 1].first : starts.count
    return ordinal + 1 < next ? starts[ordinal + 1] : parts[part].bytes.count
  }

  /// The line of an offset, from 1. O(offset): for messages.
  static func line(of start: Int, in bytes: Bytes) -> Int {
    var (line, position) = (1, 0)
    while position < start,
      let newline = bytes.firstIndex(of: UInt8(ascii: "\n"), from: position), newline < start
    {
      line += 1
      position = newline + 1
    }
    return line
  }
}

extension RecordIndex {
  /// An index under construction, file by file.
  struct Builder {
    fileprivate var parts: [Part] = []
    fileprivate var identifiers = IdentifierTable()
    fileprivate var starts: [Int] = []
    private var faults: [TextFaults] = []

    /// The number of records so far.
    var count: Int { starts.count }

    /// Begins a file: the records inserted from now on are in it.
    mutating func begin(_ path: String, _ bytes: Bytes) {
      parts.append(Part(path: path, bytes: bytes, first: starts.count))
    }

    /// Notes the encoding faults of a file.
    mutating func note(_ faults: TextFaults) {
      guard !faults.isEmpty else { return }
      var faults = faults
      faults.isOfCollection = true
      self.faults.append(faults)
    }

    /// Inserts the record at an offset of the current file; returns the ordinal of an earlier
    /// record with the id if there is one, and then changes nothing.
    mutating func insert(_ id: Span<UInt8>, at start: Int) -> Int? {
      if let former = identifiers.insert(id) { return former }
      starts.append(start)
      return nil
    }

    /// Inserts the record at an offset of the current file, like `insert(_:at:)`.
    mutating func insert(_ id: String, at start: Int) -> Int? {
      insert(Array(id.utf8).span, at: start)
    }

    /// The place of a record. O(file): for messages.
    func place(of ordinal: Int) -> Place { RecordIndex(self, path: "").place(of: ordinal) }

    /// A record, up to the end of its file if it is the last one so far.
    func record(at ordinal: Int) -> Record { RecordIndex(self, path: "").record(at: ordinal) }

    /// The failure for an id that occurs twice.
    func duplicate(_ former: Int, at place: Place, key: String?) -> Failure {
      let first = self.place(of: former)
      var place = place
      place.key = key
      let lines =
        first.file == place.file
        ? "on lines \(first.line ?? 0) and \(place.line ?? 0)" : "first in \(first)"
      return Failure(
        .badData, "the id '\(identifiers[former])' occurs twice, \(lines)", at: place,
        expected: "each id once", remedy: "remove one of the two lines")
    }

    /// The index.
    func finished(_ path: String) -> RecordIndex { RecordIndex(self, path: path) }

    fileprivate var allFaults: [TextFaults] { faults }
  }

  private init(_ builder: Builder, path: String) {
    self.init(
      path: path, parts: builder.parts, identifiers: builder.identifiers, starts: builder.starts,
      textFaults: builder.allFaults)
  }

  /// An index without records.
  static func empty(_ path: String) -> RecordIndex { Builder().finished(path) }

  /// Indexes a file of JSON objects, one per line, by the key `_id`. One pass; blank lines are
  /// skipped.
  ///
  /// - Parameter onFailure: receives what is wrong; if it does not throw, the line is passed over.
  /// - Throws: `badData` with file and line if an id is missing or duplicate, or if a line turns
  ///   out, during the search for its id, not to be a JSON object.
  init(jsonLines file: TextFile, onFailure: OnFailure = endsReading) throws(Failure) {
    let (bytes, path) = (file.bytes, file.path)
    var faults = file.faults
    var builder = Builder()
    builder.begin(path, bytes)
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
          try builder.insert(
            IdentifierScan.identifier(in: span), of: span, at: range.lowerBound)
        }
      } catch {
        let column = error.column.map { line[0..<$0].text.count + 1 }
        try onFailure(
          Failure(
            .badData, error.problem, at: Place(path, line: lineNumber, column: column),
            expected: error.expected))
        continue
      }
      if let former {
        try onFailure(
          builder.duplicate(former, at: Place(path, line: lineNumber), key: "_id"))
      }
      if range.upperBound - released > 16 << 20 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
    }
    bytes.release(released..<bytes.count)
    builder.note(faults)
    self = builder.finished(path)
  }
}

extension RecordIndex.Builder {
  /// Inserts the result of a scan of `line`.
  fileprivate mutating func insert(
    _ identifier: IdentifierScan.Identifier, of line: Span<UInt8>, at start: Int
  ) throws(IdentifierScan.Problem) -> Int? {
    switch identifier {
    case .plain(let range), .number(let range):
      return insert(line.extracting(range), at: start)
    case .escaped(let range):
      guard let id = decodedString(line.extracting(range)) else {
        throw IdentifierScan.Problem(
          problem: #"the value of "_id" contains an invalid escape sequence"#,
          column: range.lowerBound, expected: #"an id such as "d12" or 12"#)
      }
      return insert(id, at: start)
    }
  }
}

extension Bytes {
  /// The first line, without its end.
  var firstLine: Bytes { self[lines.first { _ in true } ?? 0..<0] }

  /// Whether there is only white space.
  var isBlank: Bool {
    withSpan { span in
      for index in span.indices where span[index] != 0x20 && span[index] != 0x09 { return false }
      return true
    }
  }
}
