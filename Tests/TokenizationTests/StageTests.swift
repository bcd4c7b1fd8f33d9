import Testing
import Tokenization

/// Stages other than BERT's, alone and in sequences: ids and words are those of Hugging Face's
/// tokenizers.
@Suite struct StageTests {
  private struct Case: Decodable, CustomStringConvertible {
    /// The section `normalizer` of tokenizer.json.
    var normalizer: String
    /// The section `pre_tokenizer`.
    var preTokenizer: String
    var texts: [String]
    var ids: [[Int32]]
    /// For each block of 65,536 scalars the checksum of the words that the model is given.
    var digests: [UInt32]
    /// The checksum of the words of the texts with many marks.
    var marked: UInt32

    var description: String { "\(normalizer), \(preTokenizer)" }

    /// The tokenizer with the small vocabulary and these stages.
    func tokenizer() throws -> Tokenizer {
      var json = String(decoding: try Fixture.bytes("small.tokenizer.json"), as: UTF8.self)
      let bert =
        #"{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"#
        + #""strip_accents":null,"lowercase":true}"#
      json = json.replacing(bert, with: normalizer)
      json = json.replacing(#"{"type":"BertPreTokenizer"}"#, with: preTokenizer)
      return try Tokenizer(tokenizerJSON: Array(json.utf8), name: "tokenizer.json")
    }
  }

  private struct File: Decodable {
    /// Texts of letters, marks, Hangul and what decomposes, in any order.
    var marked: [String]
    var cases: [Case]
  }

  private static let file = Result { try Fixture.decode(File.self, from: "stages.json") }

  @Test func textsHaveTheIDsOfTheReference() throws {
    for setting in try Self.file.get().cases {
      let tokenizer = try setting.tokenizer()
      for tokenizer in [tokenizer, tokenizer.stageByStage] {
        var scratch = Tokenizer.Scratch()
        for (text, expected) in zip(setting.texts, setting.ids) {
          var ids: [Int32] = []
          tokenizer.tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
          #expect(ids == expected, "\(setting) \(text.debugDescription)")
        }
      }
    }
  }

  @Test func everyScalarAloneAndInsideAWord() throws {
    let settings = try Self.file.get().cases.map { ($0, try $0.tokenizer()) }
    var scratch = Tokenizer.Scratch()
    for block in 0..<0x110000 >> 16 {
      let scalars = (0..<UInt32(0x10000)).compactMap {
        Unicode.Scalar(UInt32(block) << 16 | $0).map { Array(String($0).utf8) }
      }
      let texts = scalars + scalars.map { [UInt8(ascii: "a")] + $0 + [UInt8(ascii: "b")] }
      for (setting, tokenizer) in settings {
        #expect(
          checksum(texts, tokenizer, &scratch) == setting.digests[block],
          "\(setting) from U+\(String(block, radix: 16))0000")
      }
    }
  }

  @Test func marksInAnyOrder() throws {
    let file = try Self.file.get()
    let texts = file.marked.map { Array($0.utf8) }
    var scratch = Tokenizer.Scratch()
    for setting in file.cases {
      #expect(checksum(texts, try setting.tokenizer(), &scratch) == setting.marked, "\(setting)")
    }
  }

  @Test func manyMarksTakeNoQuadraticTime() throws {
    let json = Fixture.json([
      "normalizer": #"{"type":"NFD"}"#, "pre_tokenizer": #"{"type":"WhitespaceSplit"}"#,
    ])
    let tokenizer = try Tokenizer(tokenizerJSON: json, name: "tokenizer.json")
    let count = 200_000
    let text = Array(String(repeating: "\u{301}\u{323}", count: count).utf8)
    let ordered = Array(
      (String(repeating: "\u{323}", count: count) + String(repeating: "\u{301}", count: count)).utf8
    )
    var scratch = Tokenizer.Scratch()
    tokenizer.forEachWord(of: text.span, using: &scratch) { word in
      var bytes: [UInt8] = []
      for index in word.indices { bytes.append(word[index]) }
      #expect(bytes == ordered)
    }
  }

  /// The checksum of the words that the model is given for texts.
  private func checksum(
    _ texts: [[UInt8]], _ tokenizer: Tokenizer, _ scratch: inout Tokenizer.Scratch
  ) -> UInt32 {
    var checksum = WordChecksum()
    for text in texts { checksum.add(text, tokenizer, &scratch) }
    return checksum.value
  }

  @Test func bertsStagesGiveTheSameIDsOneByOne() throws {
    // Added tokens in normal form go another way through both.
    let tokenizer = try Fixture.tokenizer("added.tokenizer.json")
    #expect(tokenizer.hasBertStages)
    struct Texts: Decodable {
      var texts: [String]
      var ids: [[Int32]]
    }
    let texts = try Fixture.decode(Texts.self, from: "added.json")
    for (text, expected) in zip(texts.texts, texts.ids) {
      #expect(tokenizer.stageByStage.tokenize(text) == expected, "\(text.debugDescription)")
    }
  }

  @Test func otherStagesAreNotTakenForBerts() throws {
    for setting in try Self.file.get().cases {
      let isBert =
        setting.preTokenizer.contains("BertPreTokenizer")
        && (setting.normalizer.hasPrefix(#"{"type": "BertNormalizer""#)
          || setting.normalizer.hasSuffix("[]}"))
      #expect(try setting.tokenizer().hasBertStages == isBert, "\(setting)")
    }
  }
}
