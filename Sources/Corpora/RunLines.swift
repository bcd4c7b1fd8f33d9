import Diagnostics
import Files

/// One line of a TREC run, as ranges of the bytes of the file.
struct RunLine {
  /// The line's number, from 1.
  var number: Int
  /// The ranges of the ids and the system's name.
  var query: Range<Int>
  var document: Range<Int>
  var tag: Range<Int>
  var score: Double
}

/// Iterates over the lines of a TREC run, with six columns separated by whitespace: query, Q0, document,
/// rank, score, tag. The second column, the rank, and anything after the tag, which trec_eval allows,
/// are ignored. Blank lines are skipped. MS MARCO's files are read as well (`MSMARCORun`). A line of a
/// TREC run costs no allocation, as runs have millions of them.
///
/// - Throws: `badData` with file and line if a line has different columns, an id seems to contain a
///   blank, or a score is not a number, and if there are no lines; the errors of `body`.
func forEachRunLine(
  in bytes: Bytes, from source: String,
  _ body: (RunLine, Span<UInt8>) throws(Failure) -> Void
) throws(Failure) {
  try forEachRunLine(in: bytes, as: MSMARCORun(bytes), from: source, body)
}

/// Iterates over the lines of a part of a run whose form is that of the whole file; nil is TREC's.
///
/// - Throws: the errors of the other function.
func forEachRunLine(
  in bytes: Bytes, as form: MSMARCORun?, from source: String,
  _ body: (RunLine, Span<UInt8>) throws(Failure) -> Void
) throws(Failure) {
  if let columns = form {
    return try columns.forEachLine(in: bytes, from: source, body)
  }
  try bytes.withSpan { (span) throws(Failure) in
    var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var (number, found) = (0, false)
    while position < span.count {
      number += 1
      var columns = RunColumns()
      position = columns.read(span, from: position)
      if columns.count == 0 { continue }
      let score = columns.count >= 6 ? decimal(span.extracting(columns.score)) : nil
      guard let score, !score.isNaN else {
        // With additional columns and no valid score, the file has another format.
        guard columns.count == 6 else {
          throw Failure(
            .badData,
            "the line '\(excerpt(bytes[columns.line].text))' has "
              + counted(columns.count, "column"),
            at: Place(source, line: number),
            expected: "six separated by whitespace: query, Q0, document, rank, score, tag")
        }
        throw Failure(
          .badData, "the score '\(bytes[columns.score].text)' is not a number",
          at: Place(source, line: number), expected: "a number such as 12.5 in the fifth column")
      }
      // A blank in an id shifts rank and score into the columns of score and tag.
      if columns.count > 6, score == score.rounded(), decimal(span.extracting(columns.tag)) != nil {
        throw Failure(
          .badData,
          "the line '\(excerpt(bytes[columns.line].text))' has \(columns.count) columns, with the number "
            + "'\(bytes[columns.tag].text)' in place of the tag",
          at: Place(source, line: number),
          expected: "six separated by whitespace: query, Q0, document, rank, score, tag",
          remedy: "replace whitespace in ids by another character, here and in the collection")
      }
      found = true
      try body(
        RunLine(
          number: number, query: columns.query, document: columns.document, tag: columns.tag,
          score: score), span)
    }
    if !found {
      throw Failure(
        .badData, "the file holds no ranked documents", at: Place(source),
        expected: "lines of six columns: query, Q0, document, rank, score, tag")
    }
  }
}

/// The ranges of the columns of one line; those in use have names.
private struct RunColumns {
  var line = 0..<0
  var count = 0
  var query = 0..<0
  var document = 0..<0
  var score = 0..<0
  var tag = 0..<0

  /// Parses the line that starts at `start` and returns the start of the next one.
  mutating func read(_ span: Span<UInt8>, from start: Int) -> Int {
    var position = start
    var begun: Int?
    var next = span.count
    while position < span.count {
      let byte = span[position]
      // Every character that ends a column is at or below the blank.
      if byte > UInt8(ascii: " ") {
        if begun == nil { begun = position }
      } else if byte == UInt8(ascii: "\n") {
        next = position + 1
        break
      } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
        if let first = begun { add(first..<position) }
        begun = nil
      } else if begun == nil {
        begun = position
      }
      position += 1
    }
    var end = position
    if end > start, span[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    if let first = begun, first < end { add(first..<end) }
    line = start..<end
    return next
  }

  private mutating func add(_ column: Range<Int>) {
    switch count {
    case 0: query = column
    case 2: document = column
    case 4: score = column
    case 5: tag = column
    default: break
    }
    count += 1
  }
}

/// The decimal number in `text`, rounded to the nearest `Double`; nil if it is not a number.
func decimal(_ text: Span<UInt8>) -> Double? {
  var (digits, scale, mantissa, hasPoint) = (0, 0, 0, false)
  let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
  for index in (isNegative ? 1 : 0)..<text.count {
    let byte = text[index]
    if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 18 {
      mantissa = mantissa * 10 + Int(byte - UInt8(ascii: "0"))
      digits += 1
      if hasPoint { scale += 1 }
    } else if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else {
      return Double(written(text))
    }
  }
  // Both operands are exact, so that the quotient is rounded once (Clinger 1990).
  guard digits > 0, mantissa <= 1 << 53 else { return Double(written(text)) }
  let value = Double(mantissa) / powersOfTen[scale]
  return isNegative ? -value : value
}

/// 10⁰ to 10¹⁸, which a `Double` represents exactly.
private let powersOfTen = (0...18).map { exponent in
  (0..<exponent).reduce(1.0) { power, _ in power * 10 }
}

/// Bytes as text; bytes that are not UTF-8 become U+FFFD.
func written(_ text: Span<UInt8>) -> String {
  if let valid = try? UTF8Span(validating: text) { return String(copying: valid) }
  return String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
}
