public import Diagnostics

/// A SentencePiece model, such as `sentencepiece.bpe.model`, `spiece.model` or `spm.model`: a
/// message `ModelProto` of Protocol Buffers with pieces, their scores and a character map.
public struct SentencePieceModel: Sendable {
  /// A piece with its score.
  struct Piece: Sendable {
    var text: [UInt8] = []
    var score: Float = 0
    var kind = Kind.normal

    /// The kinds of pieces, by their numbers in the file.
    enum Kind: UInt64, Sendable {
      case normal = 1
      case unknown = 2
      case control = 3
      case userDefined = 4
      case unused = 5
      case byte = 6
    }
  }

  /// The pieces; ids are their positions.
  let pieces: [Piece]
  /// The character map; empty if there is none.
  let characterMap: [UInt8]
  /// The file, for failures.
  let name: String

  /// Reads a model; `name` is the file name in failures.
  ///
  /// - Throws: `badData` if the file is damaged or the model is not Unigram.
  public init(_ bytes: [UInt8], name: String) throws(Failure) {
    var parser = Parser(bytes: bytes, name: name)
    try parser.read()
    guard !parser.pieces.isEmpty else {
      throw Failure(
        .badData, "this SentencePiece model has no pieces", at: Place(name),
        remedy: "download it again, or use the model's tokenizer.json")
    }
    pieces = parser.pieces
    characterMap = parser.characterMap
    self.name = name
  }

  private struct Parser {
    let bytes: [UInt8]
    let name: String
    var pieces: [Piece] = []
    var characterMap: [UInt8] = []

    mutating func read() throws(Failure) {
      try forEachField(of: 0..<bytes.count) { (parser, number, value, byte) throws(Failure) in
        switch (number, value) {
        case (1, .bytes(let range)): parser.pieces.append(try parser.piece(in: range))
        case (2, .bytes(let range)): try parser.readTraining(range)
        case (3, .bytes(let range)): try parser.readNormalizer(range)
        case (1...3, _): throw parser.damaged(at: byte)
        default: break
        }
      }
    }

    private mutating func piece(in range: Range<Int>) throws(Failure) -> Piece {
      var piece = Piece()
      try forEachField(of: range) { (parser, number, value, byte) throws(Failure) in
        switch (number, value) {
        case (1, .bytes(let text)):
          piece.text = Array(parser.bytes[text])
          guard UTF8Text.firstInvalid(in: piece.text.span) == nil else {
            throw parser.damaged(at: byte)
          }
        case (2, .fixed(let bits)):
          piece.score = Float(bitPattern: bits)
          guard piece.score.isFinite else {
            throw Failure(
              .badData, "this SentencePiece model has a score of \(piece.score)",
              at: Place(parser.name, byte: byte), expected: "finite scores",
              remedy: "train the tokenizer again, or use the model's tokenizer.json")
          }
        case (3, .integer(let number)):
          guard let kind = Piece.Kind(rawValue: number) else { throw parser.damaged(at: byte) }
          piece.kind = kind
        case (1...3, _): throw parser.damaged(at: byte)
        default: break
        }
      }
      return piece
    }

    private mutating func readTraining(_ range: Range<Int>) throws(Failure) {
      try forEachField(of: range) { (parser, number, value, byte) throws(Failure) in
        guard number == 3, case .integer(let kind) = value, kind != 1 else { return }
        let names: [UInt64: String] = [2: "BPE", 3: "words", 4: "characters"]
        throw Failure(
          .badData, "this SentencePiece model is of kind \(names[kind] ?? "\(kind)")",
          at: Place(parser.name, byte: byte), expected: "a Unigram model",
          remedy: "save the tokenizer as tokenizer.json with transformers")
      }
    }

    private mutating func readNormalizer(_ range: Range<Int>) throws(Failure) {
      try forEachField(of: range) { (parser, number, value, _) throws(Failure) in
        if number == 2, case .bytes(let map) = value {
          parser.characterMap = Array(parser.bytes[map])
        }
      }
    }

    /// Calls `body` with each field of the message in `range`, and its first byte.
    private mutating func forEachField(
      of range: Range<Int>,
      _ body: (inout Parser, Int, ProtobufReader.Value, Int) throws(Failure) -> Void
    ) throws(Failure) {
      var reader = ProtobufReader(bytes, range)
      while true {
        let byte = reader.position
        let field: (number: Int, value: ProtobufReader.Value)?
        do throws(ProtobufReader.Damage) {
          field = try reader.next()
        } catch {
          throw damaged(at: error.byte)
        }
        guard let field else { return }
        try body(&self, field.number, field.value, byte)
      }
    }

    private func damaged(at byte: Int) -> Failure {
      Failure(
        .badData, "this is not a SentencePiece model, or it is damaged",
        at: Place(name, byte: byte), expected: "a message ModelProto of Protocol Buffers",
        remedy: "download it again")
    }
  }
}
