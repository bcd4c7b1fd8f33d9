import Foundation
import TestSupport
import Testing
import Tokenization

/// Ids equal those of Hugging Face's tokenizers, exactly.
@Suite struct ReferenceTests {
  private struct Case: Decodable {
    var steps: [Bool?]
    var texts: [String]
    var ids: [[Int32]]
  }

  private struct Texts: Decodable {
    var texts: [String]
    var ids: [[Int32]]
  }

  @Test func textsUnderEverySettingOfTheNormalizer() throws {
    let json = String(decoding: try Fixture.bytes("small.tokenizer.json"), as: UTF8.self)
    let section =
      #"{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"#
      + #""strip_accents":null,"lowercase":true}"#
    try #require(json.contains(section))
    for setting in try Fixture.decode([Case].self, from: "texts.json") {
      let steps = setting.steps
      let changed = json.replacingOccurrences(
        of: section,
        with: Fixture.normalizer(
          cleans: steps[0] == true, separates: steps[1] == true,
          strips: steps[2].map { "\($0)" } ?? "null", lowercases: steps[3] == true))
      let fast = try Tokenizer(tokenizerJSON: Array(changed.utf8), name: "tokenizer.json")
      for tokenizer in [fast, fast.stageByStage] {
        var scratch = Tokenizer.Scratch()
        for (text, expected) in zip(setting.texts, setting.ids) {
          var ids: [Int32] = []
          tokenizer.tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
          #expect(ids == expected, "\(steps) \(text.debugDescription)")
        }
      }
    }
  }

  @Test func addedTokensWithEveryFlag() throws {
    let tokenizer = try Fixture.tokenizer("added.tokenizer.json")
    let texts = try Fixture.decode(Texts.self, from: "added.json")
    for (text, expected) in zip(texts.texts, texts.ids) {
      #expect(tokenizer.tokenize(text) == expected, "\(text.debugDescription)")
    }
  }

  /// Random sets of added tokens with all flags, many of them white space, next to and over each other.
  @Test func randomAddedTokens() throws {
    try check(Fixture.decode(AddedSets.self, from: "added-random.json"))
  }

  /// A larger file of the same kind, made by `make_fixtures.py --added`.
  private static let moreAddedTokens = ProcessInfo.processInfo.environment["LTR_ADDED_TOKENS"]

  @Test(.enabled(if: moreAddedTokens != nil, "LTR_ADDED_TOKENS names no file"))
  func moreRandomAddedTokens() throws {
    let bytes = try Data(contentsOf: URL(filePath: #require(Self.moreAddedTokens)))
    try check(JSONDecoder().decode(AddedSets.self, from: bytes))
  }

  private struct AddedSets: Decodable {
    struct Tokens: Decodable {
      var steps: [Bool?]
      var added: [Token]
      var texts: [String]
      var ids: [[Int32]]
    }
    struct Token: Codable {
      var id: Int
      var content: String
      var singleWord: Bool
      var lstrip: Bool
      var rstrip: Bool
      var normalized: Bool
      var special: Bool

      enum CodingKeys: String, CodingKey {
        case id, content, lstrip, rstrip, normalized, special
        case singleWord = "single_word"
      }
    }
    var vocabulary: [String]
    var sets: [Tokens]
  }

  private func check(_ file: AddedSets) throws {
    let encoder = JSONEncoder()
    let special = file.vocabulary[..<5].enumerated().map { id, content in
      AddedSets.Token(
        id: id, content: content, singleWord: false, lstrip: false, rstrip: false,
        normalized: false, special: true)
    }
    let vocabulary = try file.vocabulary.enumerated().map { id, token in
      "\(String(decoding: try encoder.encode(token), as: UTF8.self)):\(id)"
    }
    for set in file.sets {
      let added = String(decoding: try encoder.encode(special + set.added), as: UTF8.self)
      let tokenizer = try Tokenizer(
        tokenizerJSON: Fixture.json([
          "added_tokens": added,
          "normalizer": Fixture.normalizer(
            cleans: set.steps[0] == true, separates: set.steps[1] == true,
            strips: set.steps[2].map { "\($0)" } ?? "null", lowercases: set.steps[3] == true),
          "model": Fixture.model(vocabulary.joined(separator: ",")),
        ]), name: "tokenizer.json")
      for (text, expected) in zip(set.texts, set.ids) {
        #expect(
          tokenizer.tokenize(text) == expected, "\(text.debugDescription) with \(added)")
        #expect(
          tokenizer.stageByStage.tokenize(text) == expected,
          "stage by stage: \(text.debugDescription) with \(added)")
      }
    }
  }

  @Test func whatTheReferenceCannotTokenizeEndsAllTheSame() throws {
    // The library panics: "x" strips four blanks, of which the other token finds the first two.
    func token(_ content: String, _ flags: String) -> String {
      #"{"id":0,"content":"\#(content)","single_word":false,\#(flags),"normalized":false}"#
    }
    let added =
      "[\(token("x", #""lstrip":false,"rstrip":true"#)),"
      + "\(token("  ", #""lstrip":true,"rstrip":false"#))]"
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixture.json(["added_tokens": added]), name: "tokenizer.json")
    #expect(tokenizer.tokens("x    b") == ["x", "b"])
  }

  @Test func everyScalarAloneAndInsideAWord() throws {
    var tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map { Array($0.utf8) }
    let scalars = (1..<UInt32(0x110000)).compactMap(Unicode.Scalar.init)
    tokens += scalars.map { Array(String($0).utf8) }
    tokens += scalars.map { Array("##\($0)".utf8) }
    var vocabulary: [UInt8] = []
    for (id, token) in tokens.enumerated() {
      vocabulary += id == 0 ? [] : Array(",".utf8)
      vocabulary.append(UInt8(ascii: "\""))
      for byte in token {
        if byte < 0x20 {
          vocabulary += Array("\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
        } else {
          if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { vocabulary.append(0x5C) }
          vocabulary.append(byte)
        }
      }
      vocabulary += Array("\":\(id)".utf8)
    }
    let frame = String(decoding: Fixture.json(["model": Fixture.model("@")]), as: UTF8.self)
      .split(separator: "@").map { Array($0.utf8) }
    let tokenizer = try Tokenizer(
      tokenizerJSON: frame[0] + vocabulary + frame[1], name: "tokenizer.json")

    let digests = try Fixture.decode([String].self, from: "scalars.json")
    #expect(digests.count == 0x110000 / 4096)
    var scratch = Tokenizer.Scratch()
    for (block, digest) in digests.enumerated() {
      let start = UInt32(block * 4096)
      let texts = (start..<start + 4096).compactMap { Unicode.Scalar($0) }.map { String($0) }
      let ids = (texts + texts.map { "a\($0)b" }).map { text in
        var ids: [Int32] = []
        tokenizer.tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
        return ids
      }
      #expect(Fixture.hash(ids) == digest, "block from U+\(String(start, radix: 16))")
    }
  }

  @Test func illFormedBytesAsPythonReplacesThem() throws {
    let tokenizer = try Tokenizer(
      tokenizerJSON: Fixture.json([
        "normalizer": nil,
        "model": Fixture.model(
          ###""[UNK]":0,"\ufffd":1,"##\ufffd":1,"a":2,"##a":2,"é":3,"##é":3,"中":4,"##中":4,"###
            + ###""😀":5,"##😀":5,"\ud7ff":6,"##\ud7ff":6,"\ue000":7,"##\ue000":7,"###
            + ###""\udbff\udfff":8,"##\udbff\udfff":8"###),
      ]), name: "tokenizer.json")
    var scratch = Tokenizer.Scratch()
    for row in try Fixture.decode([IllFormed].self, from: "ill-formed.json") {
      var ids: [Int32] = []
      let replaced = tokenizer.tokenize(row.bytes.span, using: &scratch, into: &ids)
      #expect(!ids.contains(0))
      #expect(ids.count { $0 == 1 } == row.replacements, "\(row.bytes)")
      #expect(replaced == row.replacedBytes, "\(row.bytes)")
    }
  }

  private struct IllFormed: Decodable {
    var bytes: [UInt8]
    var replacements: Int
    var replacedBytes: Int

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      bytes = try row.decode([UInt8].self)
      replacements = try row.decode(Int.self)
      replacedBytes = try row.decode(Int.self)
    }
  }
}
