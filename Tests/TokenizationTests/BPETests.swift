import Testing
import Tokenization

/// Byte-level and other BPE tokenizers: ids and words are those of Hugging Face's tokenizers.
@Suite struct BPETests {
  private struct Case: Decodable, CustomStringConvertible {
    /// Which of the models.
    var model: String
    /// The rest of tokenizer.json.
    var sections: String
    var texts: [String]
    var ids: [[Int32]]
    /// The first of 65,536 scalars, and the checksum of the words of each in several surroundings.
    var digests: [[UInt32]]
    /// The ids of "the heat" with special tokens, and with "of flows" as a pair, and their types.
    var single: [Int32]
    var pair: [Int32]
    var types: [Int32]

    var description: String { "\(model), \(sections)" }

    func tokenizer(_ models: [String: String]) throws -> Tokenizer {
      let model = try #require(models[model])
      let json = sections.dropLast() + ", \"model\": \(model)}"
      return try Tokenizer(tokenizerJSON: Array(json.utf8), name: "tokenizer.json")
    }
  }

  /// `vocab.json` and `merges.txt`, with texts and ids.
  private struct Files: Decodable {
    var vocabulary: String
    var merges: String
    var texts: [String]
    var ids: [[Int32]]
    var pair: [Int32]
    var types: [Int32]
  }

  private struct File: Decodable {
    var models: [String: String]
    var cases: [Case]
    var files: Files
  }

  private static let file = Result { try Fixture.decode(File.self, from: "bpe.json") }

  @Test func textsHaveTheIDsOfTheReference() throws {
    let file = try Self.file.get()
    for setting in file.cases {
      let tokenizer = try setting.tokenizer(file.models)
      for tokenizer in [tokenizer, tokenizer.stageByStage] {
        var scratch = Tokenizer.Scratch()
        // The second time words come from the cache.
        for _ in 0..<2 {
          for (text, expected) in zip(setting.texts, setting.ids) {
            var ids: [Int32] = []
            tokenizer.tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
            #expect(ids == expected, "\(setting) \(text.debugDescription)")
          }
        }
      }
    }
  }

  @Test func everyScalarInTheSurroundingsThatCount() throws {
    let file = try Self.file.get()
    for setting in file.cases {
      let tokenizer = try setting.tokenizer(file.models)
      var scratch = Tokenizer.Scratch()
      for digest in setting.digests {
        var checksum = WordChecksum()
        for value in digest[0]..<digest[0] + 0x10000 {
          guard let scalar = Unicode.Scalar(value) else { continue }
          for text in [
            "\(scalar)", "a\(scalar)b", " \(scalar)\(scalar)1", "'\(scalar)e\n", "\t\(scalar)",
            "A\(scalar)\(scalar)BC's/",
          ] {
            checksum.add(Array(text.utf8), tokenizer, &scratch)
          }
        }
        #expect(checksum.value == digest[1], "\(setting) from U+\(String(digest[0], radix: 16))")
      }
    }
  }

  @Test func specialTokensStandWhereTheReferencePutsThem() throws {
    let file = try Self.file.get()
    for setting in file.cases {
      let tokenizer = try setting.tokenizer(file.models)
      let first = tokenizer.tokenize("the heat")
      let second = tokenizer.tokenize("of flows")
      #expect(tokenizer.encodeSingle(first, maxLength: 99).ids == setting.single, "\(setting)")
      let pair = tokenizer.encodePair(query: first, text: second, maxLength: 99)
      #expect(pair.ids == setting.pair && pair.typeIDs == setting.types, "\(setting)")
    }
  }

  @Test func vocabularyAndMergesInTwoFiles() throws {
    let files = try Self.file.get().files
    for lineEnd in ["\n", "\r\n"] {
      let merges = files.merges.replacing("\n", with: lineEnd)
      let tokenizer = try Tokenizer(
        tokenizerJSON: Tokenizer.json(
          vocabulary: Array(files.vocabulary.utf8), name: "vocab.json", merges: Array(merges.utf8),
          mergesName: "merges.txt"), name: "tokenizer.json")
      for (text, expected) in zip(files.texts, files.ids) {
        #expect(tokenizer.tokenize(text) == expected, "\(text.debugDescription)")
      }
      let pair = tokenizer.encodePair(
        query: tokenizer.tokenize("the heat <mask>"), text: tokenizer.tokenize("of flows"),
        maxLength: 99)
      #expect(pair.ids == files.pair && pair.typeIDs == files.types)
      #expect(tokenizer.specialTokens.cls?.text == "<s>")
      #expect(tokenizer.specialTokens.pad?.id == 1)
    }
  }

  @Test func aSpaceInFrontIsAChoiceOfTheTwoFiles() throws {
    let files = try Self.file.get().files
    func ids(addsSpace: Bool) throws -> [Int32] {
      try Tokenizer(
        tokenizerJSON: Tokenizer.json(
          vocabulary: Array(files.vocabulary.utf8), name: "vocab.json",
          merges: Array(files.merges.utf8), mergesName: "merges.txt", addsSpace: addsSpace),
        name: "tokenizer.json"
      ).tokenize(addsSpace ? "the heat" : " the heat")
    }
    #expect(try ids(addsSpace: true) == ids(addsSpace: false))
  }

  /// The ids are those of transformers 5.24 for the same tokens in `tokenizer_config.json`.
  @Test func tokensOfTheTwoFilesAreNamed() throws {
    let vocabulary =
      #"{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"<mask>":4,"a":5,"b":6,"ab":7,"\u0120":8,"#
      + #""\u0120ab":9,"[CLS]":10,"[SEP]":11}"#
    var tokens = MergesTokens()
    tokens.roles = [.cls: .init("[CLS]"), .sep: .init("[SEP]"), .eos: .init("[SEP]")]
    var extra = AddedTokenEntry("<\"é\">")
    extra.isSpecial = false
    extra.stripsLeft = true
    tokens.added = [extra, .init("<2>"), .init("ab")]
    let tokenizer = try Tokenizer(
      tokenizerJSON: Tokenizer.json(
        vocabulary: Array(vocabulary.utf8), name: "vocab.json",
        merges: Array("a b\n\u{120} ab".utf8), mergesName: "merges.txt", tokens: tokens),
      name: "tokenizer.json")
    #expect(tokenizer.tokenize("a <\"é\"> ab<2>") == [5, 12, 8, 7, 13])
    #expect(tokenizer.tokenize("[CLS]a <mask><s>[SEP]") == [10, 5, 4, 0, 11])
    let pair = tokenizer.encodePair(query: [7], text: [5], maxLength: 9)
    #expect(pair.ids == [10, 7, 11, 11, 5, 11])
    #expect(tokenizer.specialTokens.cls?.text == "[CLS]")
    #expect(tokenizer.vocabularySize == 14)
    #expect(!tokenizer.isWordPiece)
  }

  /// Words without end must take no quadratic time, nor must whitespace and marks.
  @Test(.timeLimit(.minutes(2))) func longWordsTakeNoQuadraticTime() throws {
    let file = try Self.file.get()
    let count = 30_000
    for setting in file.cases {
      let tokenizer = try setting.tokenizer(file.models)
      for unit in ["heat", "s", " ", "\u{301}", "\u{2581}", "'"] {
        let ids = tokenizer.tokenize(String(repeating: unit, count: count))
        #expect(ids.count <= count * 8, "\(setting) \(unit)")
      }
    }
  }
}
