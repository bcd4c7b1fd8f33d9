import Diagnostics
import Foundation
import Testing
import Tokenization

/// The tokenizer of an MPNet, from each of the files that may have it, beside transformers.
/// `Fixtures/make_mpnet.py` says how the values were made.
@Suite struct MPNetTests {
  private struct Expected: Decodable {
    struct Case: Decodable {
      let texts: [String]
      let ids: [Int32]
      let length: Int?
    }

    let vocabulary: String
    let tokenizer: String
    let template: String
    let texts: [Case]
    let pairs: [Case]
    let truncated: [Case]
  }

  enum Origin: CaseIterable { case tokenizer, olderTemplate, vocabulary }

  private let expected: Expected

  init() throws { expected = try Fixture.decode(Expected.self, from: "mpnet.json") }

  private func tokenizer(_ origin: Origin) throws -> Tokenizer {
    let json: [UInt8]
    switch origin {
    case .tokenizer: json = Array(expected.tokenizer.utf8)
    case .olderTemplate:
      var file = try #require(try object(expected.tokenizer))
      file["post_processor"] = try object(expected.template)
      json = [UInt8](try JSONSerialization.data(withJSONObject: file))
    case .vocabulary: json = try made()
    }
    return try Tokenizer(tokenizerJSON: json, name: "tokenizer.json")
  }

  private func object(_ text: String) throws -> [String: Any]? {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
  }

  private func made(unknown: String = "[UNK]", _ text: String? = nil) throws -> [UInt8] {
    let text = Array((text ?? expected.vocabulary).utf8)
    let vocabulary = try #require(try MPNetVocabulary(text, name: "vocab.txt"))
    return try vocabulary.tokenizerJSON(
      unknown: unknown, lowercase: true, stripsAccents: nil, separatesIdeographs: true)
  }

  @Test(arguments: Origin.allCases)
  func ids(_ origin: Origin) throws {
    let tokenizer = try tokenizer(origin)
    for item in expected.texts {
      let ids = tokenizer.encodeSingle(tokenizer.tokenize(item.texts[0]), maxLength: 512).ids
      #expect(ids == item.ids, "\(item.texts)")
    }
    for item in expected.pairs + expected.truncated {
      let ids = tokenizer.encodePair(
        query: tokenizer.tokenize(item.texts[0]), text: tokenizer.tokenize(item.texts[1]),
        maxLength: item.length ?? 512
      ).ids
      #expect(ids == item.ids, "\(item.texts) \(item.length ?? 0)")
    }
  }

  /// The vocabulary has BERT's special tokens too, which have no role.
  @Test(arguments: Origin.allCases)
  func roles(_ origin: Origin) throws {
    let special = try tokenizer(origin).specialTokens
    #expect(special.cls?.text == "<s>" && special.sep?.text == "</s>")
    #expect(special.pad?.text == "<pad>" && special.pad?.id == 1)
    #expect(special.mask?.text == "<mask>" && special.unk?.text == "[UNK]")
  }

  /// From vocab.txt there is the same tokenizer as transformers writes.
  @Test func sameSections() throws {
    let text = String(decoding: try made(), as: UTF8.self)
    let (own, other) = (try object(text), try object(expected.tokenizer))
    #expect(own.map { $0 as NSDictionary } == other.map { $0 as NSDictionary })
  }

  @Test func otherVocabularies() throws {
    for text in ["[PAD]\n[UNK]\n[CLS]\n[SEP]\n", "<s>\n<pad>\n", "<s>\n</s>\n<pad>\n[UNK]\n", ""] {
      #expect(try MPNetVocabulary(Array(text.utf8), name: "vocab.txt") == nil)
    }
    #expect(throws: Failure.self) {
      try MPNetVocabulary(Array("<s>\n<pad>\n</s>\n".utf8) + [0xFF], name: "vocab.txt")
    }
  }

  @Test func unknownToken() throws {
    let json = try made(unknown: "<unk>")
    let tokenizer = try Tokenizer(tokenizerJSON: json, name: "tokenizer.json")
    #expect(tokenizer.tokenize("zebra") == [3])
    let failure = #expect(throws: Failure.self) {
      try made(unknown: "[UNK]", "<s>\n<pad>\n</s>\n<unk>\n")
    }
    #expect(failure?.problem == "this vocabulary has no token [UNK]")
    #expect(failure?.place?.file == "vocab.txt")
  }
}
