import Diagnostics
import Foundation
import Testing
import Tokenization

/// SentencePiece models: their tokenizers are those that transformers makes of them.
@Suite struct SentencePieceTests {
  private struct Case: Decodable, CustomStringConvertible {
    var family: String
    /// The file, in base64.
    var model: String
    var lowercases: Bool
    var splitsPunctuation: Bool
    var texts: [String]
    var ids: [[Int32]]
    /// The ids of the fourteenth text with special tokens.
    var single: [Int32]
    /// How many tokens there are.
    var size: Int
    /// The ids and token types of each text from the 21st with the one ten later.
    var pairs: [[Int32]]
    var types: [[Int32]]

    var description: String { lowercases ? "\(family) in lower case" : family }

    func bytes() throws -> [UInt8] { try [UInt8](#require(Data(base64Encoded: model))) }

    func tokenizer() throws -> Tokenizer {
      let json = try SentencePieceModel(bytes(), name: "spm.model").tokenizerJSON(
        #require(SentencePieceFamily(rawValue: family)), lowercases: lowercases,
        splitsPunctuation: splitsPunctuation)
      return try Tokenizer(tokenizerJSON: json, name: "made.json")
    }
  }

  private static let cases = Result { try Fixture.decode([Case].self, from: "sentencepiece.json") }

  @Test func textsHaveTheIDsOfTheReference() throws {
    for setting in try Self.cases.get() {
      let tokenizer = try setting.tokenizer()
      for (text, expected) in zip(setting.texts, setting.ids) {
        #expect(tokenizer.tokenize(text) == expected, "\(setting) \(text.debugDescription)")
      }
      #expect(tokenizer.vocabularySize == setting.size, "\(setting)")
      let single = tokenizer.encodeSingle(tokenizer.tokenize(setting.texts[13]), maxLength: 1000)
      #expect(single.ids == setting.single, "\(setting)")
      for (index, (ids, types)) in zip(setting.pairs, setting.types).enumerated() {
        let pair = tokenizer.encodePair(
          query: tokenizer.tokenize(setting.texts[20 + index]),
          text: tokenizer.tokenize(setting.texts[30 + index]), maxLength: 1000)
        #expect(pair.ids == ids && pair.typeIDs == types, "\(setting) pair \(index)")
      }
    }
  }

  private func failure(_ bytes: [UInt8], _ family: SentencePieceFamily = .t5) -> String {
    do throws(Failure) {
      _ = try SentencePieceModel(bytes, name: "m/spiece.model").tokenizerJSON(family)
      return "none"
    } catch {
      return error.kind == .badData ? error.description : "another kind: \(error)"
    }
  }

  /// A field with a text, bytes or a message.
  private func field(_ number: UInt8, _ value: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(value.count)] + value
  }

  private func piece(_ text: String, score: Float = -1, kind: UInt8 = 1) -> [UInt8] {
    let bits = (0..<4).map { UInt8(truncatingIfNeeded: score.bitPattern >> (8 * UInt32($0))) }
    return field(1, field(1, Array(text.utf8)) + [2 << 3 | 5] + bits + [3 << 3, kind])
  }

  @Test func whatCannotBeUsedIsNamed() {
    let t5 = piece("<pad>", kind: 3) + piece("</s>", kind: 3) + piece("<unk>", kind: 2)
    #expect(failure(t5 + piece("a")) == "none")
    #expect(failure([]).contains("this SentencePiece model has no pieces"))
    #expect(
      failure(t5 + [0x0A, 0x7F]) == """
        error: this is not a SentencePiece model, or it is damaged
          at: m/spiece.model, byte \(t5.count)
          expected: a message ModelProto of Protocol Buffers
          to do: download it again
        """)
    #expect(failure(Array("version https://git-lfs".utf8)).contains("not a SentencePiece model"))
    #expect(failure(t5 + field(1, field(1, [0xFF]))).contains("not a SentencePiece model"))
    #expect(failure(t5 + piece("a", score: .nan)).contains("has a score of nan"))
    #expect(failure(t5 + field(2, [3 << 3, 2])).contains("is of kind BPE"))
    #expect(failure(piece("<unk>", kind: 2)).contains("lacks the token <pad>"))
    #expect(failure(t5 + piece("a"), .deBERTa).contains("lacks the token [PAD]"))
    #expect(
      failure(piece("a") + t5, .xlmRoBERTa).contains("does not begin with 3 special tokens"))
  }

  /// A file that was cut short or damaged is refused or used; nothing reads past its end.
  @Test func damagedFiles() throws {
    let bytes = try Self.cases.get()[0].bytes()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(!failure(Array(bytes[..<count]), .xlmRoBERTa).hasPrefix("another kind"))
    }
    var state: UInt64 = 3
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    for _ in 0..<500 {
      var damaged = bytes
      for _ in 0..<3 { damaged[next(bytes.count)] = UInt8(next(256)) }
      #expect(!failure(damaged, .xlmRoBERTa).hasPrefix("another kind"))
    }
  }
}
