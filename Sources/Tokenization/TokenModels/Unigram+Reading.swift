import Diagnostics
import JSON

extension Unigram {
  static let kind = StageKind<TokenModel>("Unigram") { (section) throws(Failure) in
    .unigram(try Unigram(section))
  }

  /// Reads the section `model`.
  init(_ section: TokenizerSection) throws(Failure) {
    let vocab = try section.member("vocab")
    let items = try vocab.items()
    var pieces = Vocabulary()
    var scores: [Double] = []
    scores.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      let item = item.named("\(vocab.key)[\(index)]")
      let pair = try item.items()
      guard pair.count == 2, let piece = pair[0].bytes, let score = pair[1].score else {
        throw item.unsupported(expected: "a list of a piece and its score, which is finite")
      }
      let known = pieces.count
      guard pieces.add(piece, id: Int32(truncatingIfNeeded: index)) else {
        throw vocab.unsupported(expected: Vocabulary.limit)
      }
      guard pieces.count > known else {
        throw Failure(
          .badData,
          "this tokenizer's piece '\(String(decoding: piece, as: UTF8.self))' is a duplicate",
          at: item.place, expected: "distinct pieces",
          remedy: "save the tokenizer again, with one score for each piece")
      }
      scores.append(score)
    }
    let unknown = try section.member("unk_id")
    guard !unknown.node.isNull, case let id = try unknown.integer(), Int(id) < scores.count else {
      throw unknown.unsupported(
        expected: scores.isEmpty
          ? "the id of a piece, but 'model.vocab' has none"
          : "the id of a piece, from 0 to \(scores.count - 1)")
    }
    self.init(
      pieces: pieces, scores: scores, unknown: id,
      fallsBackToBytes: try section.flag("byte_fallback", default: false))
  }
}

extension TokenizerSection {
  private static let powersOfTen = (0...308).map { Double("1e\($0)") ?? .infinity }

  /// A finite number, as the reference library reads it, or nil.
  ///
  /// That library converts all digits to one integer and multiplies or divides once by a power of
  /// ten. The result may differ from the nearest double in the last bit, which can decide between
  /// paths with the same pieces in different order.
  fileprivate var score: Double? {
    guard case .number(let text) = node.value else { return nil }
    var digits: UInt64 = 0
    var exponent = 0
    var isFraction = false
    var isFull = false
    var bytes = Array(text.utf8)[...]
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes.removeFirst() }
    while let byte = bytes.first, byte | 0x20 != UInt8(ascii: "e") {
      bytes.removeFirst()
      if byte == UInt8(ascii: ".") {
        isFraction = true
        continue
      }
      let (tens, overflow) = digits.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      // Of more digits than the integer holds, those before the point still count as tens.
      isFull = isFull || overflow || carry
      if !isFull { digits = sum }
      if isFull != isFraction { exponent += isFull ? 1 : -1 }
    }
    if !bytes.isEmpty {
      guard let power = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)),
        (-100_000...100_000).contains(power)
      else { return Double(text).flatMap { $0.isFinite ? $0 : nil } }
      exponent += power
    }
    var value = Double(digits)
    while exponent < -308, value != 0 {
      value /= 1e308
      exponent += 308
    }
    guard value != 0 else { return isNegative ? -0.0 : 0 }
    guard exponent <= 308 else { return nil }
    let power = Self.powersOfTen[abs(exponent)]
    value = exponent < 0 ? value / power : value * power
    guard value.isFinite else { return nil }
    return isNegative ? -value : value
  }
}
