import Diagnostics
import Files

/// The two forms in which MS MARCO has candidates, in columns separated by tabs: runs of query,
/// document and rank, and `top1000` files of query, document and both texts, whose order is the
/// only one there is: a document's rank is its place among the lines of its query, which need not
/// be neighbours.
enum MSMARCORun: Sendable {
  case ranks
  case texts

  /// The form of a file, told from its first line; nil for a TREC run.
  init?(_ bytes: Bytes) {
    guard let range = bytes.lines.first(where: { !bytes[$0].isBlank }), range.count < 1 << 20
    else { return nil }
    let line = bytes[range]
    let fields = Fields.betweenTabs(line)
    if fields.count == 3, Fields.betweenBlanks(line).count == 3,
      let rank = Int(line[fields[2]].text), rank > 0
    {
      self = .ranks
    } else if fields.count == 4, fields.allSatisfy({ !$0.isEmpty }),
      Fields.betweenBlanks(line[fields[0]]).count == 1,
      Fields.betweenBlanks(line[fields[1]]).count == 1, Fields.betweenBlanks(line).count > 6
    {
      self = .texts
    } else {
      return nil
    }
  }

  /// Iterates over the lines; the score is the negative rank.
  ///
  /// - Throws: `badData` with file and line if a line has other columns; the errors of `body`.
  func forEachLine(
    in bytes: Bytes, from source: String,
    _ body: (RunLine, Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    var (number, rank, released) = (0, 0, 0)
    var current: [UInt8] = []
    var ranks: [[UInt8]: Int] = [:]
    for range in bytes.lines {
      number += 1
      let line = bytes[range]
      if line.isBlank { continue }
      try DelimitedReader.requireLength(line, at: Place(source, line: number))
      let fields = Fields.betweenTabs(line)
      guard fields.count == (self == .ranks ? 3 : 4), !fields[0].isEmpty, !fields[1].isEmpty else {
        throw Failure(
          .badData, "the line '\(excerpt(line.text))' has \(counted(fields.count, "column"))",
          at: Place(source, line: number),
          expected: self == .ranks
            ? "three separated by tabs as on the first line: query, document, rank"
            : "four separated by tabs as on the first line: query, document and their texts")
      }
      let (query, document) = (shifted(fields[0], range), shifted(fields[1], range))
      if self == .ranks {
        guard let given = Int(line[fields[2]].text), given > 0 else {
          throw Failure(
            .badData, "the rank '\(excerpt(line[fields[2]].text))' is not a number",
            at: Place(source, line: number), expected: "a rank from 1 up in the third column")
        }
        rank = given
      } else {
        if current != bytes[query].array {
          ranks[current] = rank
          current = bytes[query].array
          rank = ranks[current] ?? 0
        }
        rank += 1
      }
      let found = RunLine(
        number: number, query: query, document: document, tag: 0..<0, score: -Double(rank))
      try bytes.withSpan { (span) throws(Failure) in try body(found, span) }
      if range.lowerBound - released > 16 << 20 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
    }
  }

  private func shifted(_ field: Range<Int>, _ line: Range<Int>) -> Range<Int> {
    field.lowerBound + line.lowerBound..<field.upperBound + line.lowerBound
  }
}
