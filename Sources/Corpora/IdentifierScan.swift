/// Finds the value of the top-level key `_id` of a JSON object on one line, as fast as bytes can be
/// scanned. It reads no further than the id: the rest of the line is left to the full parser, which
/// parses the line when the record is read.
struct IdentifierScan {
  /// The type and the range of an id in the line.
  enum Identifier: Equatable {
    /// The bytes of a string without escapes, between its quotes.
    case plain(Range<Int>)
    /// A string that contains escapes, with its quotes.
    case escaped(Range<Int>)
    /// The digits of an integer.
    case number(Range<Int>)
  }

  /// The reason why there is no id.
  struct Problem: Error, Equatable {
    var problem: String
    /// The byte offset in the line, from 0.
    var column: Int?
    var expected: String
  }

  private static let recordShape = #"a JSON object with the key "_id" on every line"#

  private var position = 0

  /// The id in `line`, which holds no line end.
  static func identifier(in line: Span<UInt8>) throws(Problem) -> Identifier {
    var scan = IdentifierScan()
    scan.skipSpace(line)
    try scan.step(over: UInt8(ascii: "{"), line)
    var last = line.count - 1
    while last > 0, isSpace(line[last]) { last -= 1 }
    guard line[last] == UInt8(ascii: "}") else {
      throw Problem(
        problem: "the line ends before its JSON object does", column: last, expected: recordShape)
    }
    scan.skipSpace(line)
    if scan.position < line.count, line[scan.position] == UInt8(ascii: "}") {
      throw noIdentifier
    }
    while true {
      let key = try scan.string(line)
      scan.skipSpace(line)
      try scan.step(over: UInt8(ascii: ":"), line)
      scan.skipSpace(line)
      if isIdentifierKey(key, line) { return try scan.identifierValue(line) }
      try scan.skipValue(line)
      scan.skipSpace(line)
      if scan.position < line.count, line[scan.position] == UInt8(ascii: "}") {
        throw noIdentifier
      }
      try scan.step(over: UInt8(ascii: ","), line)
      scan.skipSpace(line)
    }
  }

  private static let noIdentifier = Problem(
    problem: #"the JSON object has no key "_id""#, column: nil, expected: recordShape)

  private mutating func identifierValue(_ line: Span<UInt8>) throws(Problem) -> Identifier {
    let start = position
    if position < line.count, line[position] == UInt8(ascii: "\"") {
      switch try string(line) {
      case .plain(let range) where range.isEmpty: break
      case let id: return id
      }
    } else {
      if position < line.count, line[position] == UInt8(ascii: "-") { position += 1 }
      let digits = position
      while position < line.count, (0x30...0x39).contains(line[position]) { position += 1 }
      let ends = position < line.count && (isEnd(line[position]) || isSpace(line[position]))
      if position > digits, ends { return .number(start..<position) }
    }
    throw Problem(
      problem: #"the value of "_id" is neither a string nor an integer"#,
      column: start, expected: #"an id such as "d12" or 12"#)
  }

  /// Skips a string.
  private mutating func string(_ line: Span<UInt8>) throws(Problem) -> Identifier {
    try step(over: UInt8(ascii: "\""), line)
    let start = position
    var isEscaped = false
    while position < line.count {
      switch line[position] {
      case UInt8(ascii: "\""):
        position += 1
        return isEscaped ? .escaped(start - 1..<position) : .plain(start..<position - 1)
      case UInt8(ascii: "\\"):
        isEscaped = true
        position += 2
      default:
        position += 1
      }
    }
    throw Problem(
      problem: "a string does not end on its line", column: start - 1,
      expected: IdentifierScan.recordShape)
  }

  /// Skips any value, checking only strings and nesting.
  private mutating func skipValue(_ line: Span<UInt8>) throws(Problem) {
    var depth = 0
    while position < line.count {
      switch line[position] {
      case UInt8(ascii: "\""):
        _ = try string(line)
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return }
        depth -= 1
      case UInt8(ascii: ","):
        if depth == 0 { return }
      default: break
      }
      position += 1
    }
    throw Problem(
      problem: "the line ends before its JSON object does", column: line.count - 1,
      expected: IdentifierScan.recordShape)
  }

  private mutating func step(over byte: UInt8, _ line: Span<UInt8>) throws(Problem) {
    guard position < line.count, line[position] == byte else {
      let found = position < line.count ? describe(line[position]) : "the end of the line"
      throw Problem(
        problem: "the line is not a JSON object: \(found) where \(describe(byte)) should be",
        column: position, expected: IdentifierScan.recordShape)
    }
    position += 1
  }

  private mutating func skipSpace(_ line: Span<UInt8>) {
    while position < line.count, isSpace(line[position]) { position += 1 }
  }
}

private func isIdentifierKey(_ key: IdentifierScan.Identifier, _ line: Span<UInt8>) -> Bool {
  switch key {
  case .plain(let range):
    range.count == 3 && line[range.lowerBound] == UInt8(ascii: "_")
      && line[range.lowerBound + 1] == UInt8(ascii: "i")
      && line[range.lowerBound + 2] == UInt8(ascii: "d")
  case .escaped(let range): decodedString(line.extracting(range)) == "_id"
  case .number: false
  }
}

private func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
}

private func isEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") }

private func describe(_ byte: UInt8) -> String {
  0x21...0x7E ~= byte ? "'\(UnicodeScalar(byte))'" : "byte \(byte)"
}
