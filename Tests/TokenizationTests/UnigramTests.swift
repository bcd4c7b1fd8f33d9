import Diagnostics
import Foundation
import Testing
import Tokenization

/// SentencePiece's Unigram tokenizers: ids and words are those of Hugging Face's tokenizers.
@Suite struct UnigramTests {
  struct Case: Decodable, CustomStringConvertible {
    var model: Int
    var normalizer: String
    var preTokenizer: String
    /// Whether all added tokens of the file are there, or its first two.
    var hasMoreTokens: Bool
    var texts: [String]
    var ids: [[Int32]]
    /// The checksum of the words for every scalar alone and between `a` and `b`; missing where words
    /// depend on alignments, which the reference gives only together with ids.
    var digest: UInt32?

    var description: String {
      "model \(model), \(normalizer.prefix(80))…\(normalizer.suffix(80)), \(preTokenizer)"
    }
  }

  struct File: Decodable {
    /// The map of characters of the cases, in base64.
    var map: String
    var models: [String]
    var added: String
    var cases: [Case]
    /// A normalizer whose map takes each cluster of up to five bytes, or each scalar of a longer one, to
    /// the same letter.
    var everything: String
    /// Texts in which boundaries of clusters depend on several scalars.
    var clusters: [String]
    var clustersDigest: UInt32
    var markedTexts: [String]
    var marked: UInt32
  }

  static let file = Result { try Fixture.decode(File.self, from: "unigram.json") }

  static func tokenizer(
    model: String, normalizer: String = "null", preTokenizer: String = "null", added: String = "[]"
  ) throws(Failure) -> Tokenizer {
    let json = Fixture.json([
      "model": model, "normalizer": normalizer, "pre_tokenizer": preTokenizer,
      "added_tokens": added, "post_processor": "null",
    ])
    return try Tokenizer(tokenizerJSON: json, name: "m/tokenizer.json")
  }

  private static func tokenizer(_ setting: Case) throws -> Tokenizer {
    let file = try file.get()
    struct Added: Codable {
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
    var added = try JSONDecoder().decode([Added].self, from: Data(file.added.utf8))
    if !setting.hasMoreTokens { added = Array(added.prefix(2)) }
    return try tokenizer(
      model: file.models[setting.model], normalizer: setting.normalizer,
      preTokenizer: setting.preTokenizer,
      added: String(decoding: try JSONEncoder().encode(added), as: UTF8.self))
  }

  /// Marks of a first scalar that later marks precede in the normal form: the ids are those of
  /// Hugging Face's tokenizers 0.23.
  @Test(arguments: [
    ("NFC", [[1, 0, 4], [1, 0, 3], [1, 0, 4, 2], [1, 0, 0], [1, 0, 4, 0], [1, 0, 4]]),
    ("NFD", [[1, 0, 4], [1, 0, 3], [1, 0, 4, 2], [1, 0, 0], [1, 0, 4, 0], [1, 2, 4, 3]]),
    ("NFKC", [[4, 5], [3, 5], [4, 6, 2], [0, 6, 0], [1, 0, 4, 0], [1, 0, 4]]),
    ("NFKD", [[4, 5], [3, 5], [4, 6, 2], [0, 6, 0], [1, 0, 4, 0], [1, 2, 4, 3]]),
  ])
  func sortedMarksAfterTheFirstScalar(_ form: String, _ ids: [[Int32]]) throws {
    let pieces = ["<unk>", "\u{2581}", "a", "\u{301}", "\u{3099}", "\u{345}", "\u{308}"]
    let scores = ["0", "-2", "-3", "-3", "-3", "-3", "-3.1"]
    let vocabulary = zip(pieces, scores).map { "[\"\($0)\",\($1)]" }.joined(separator: ",")
    let tokenizer = try Self.tokenizer(
      model: #"{"type":"Unigram","unk_id":0,"vocab":[\#(vocabulary)]}"#,
      normalizer: "{\"type\":\"\(form)\"}",
      preTokenizer: #"""
        {"type":"Sequence","pretokenizers":[{"type":"Whitespace"},
        {"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first"}]}
        """#)
    let texts = [
      "\u{37A}\u{3099}", "\u{37A}\u{301}", "\u{A8}\u{3099}a", "\u{1FED}\u{323}",
      "\u{1D15E}\u{3099}", "a\u{301}\u{3099}",
    ]
    #expect(texts.map { tokenizer.tokenize($0) } == ids)
    #expect(texts.map { tokenizer.stageByStage.tokenize($0) } == ids)
  }

  @Test func textsHaveTheIDsOfTheReference() throws {
    for setting in try Self.file.get().cases {
      let tokenizer = try Self.tokenizer(setting)
      for tokenizer in [tokenizer, tokenizer.stageByStage] {
        var scratch = Tokenizer.Scratch()
        // Twice, because the second time words are remembered.
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

  @Test func everyScalarAloneAndInsideAWord() throws {
    let scalars = (0..<UInt32(0x110000)).compactMap {
      Unicode.Scalar($0).map { Array(String($0).utf8) }
    }
    let texts = scalars + scalars.map { [UInt8(ascii: "a")] + $0 + [UInt8(ascii: "b")] }
    for setting in try Self.file.get().cases {
      guard let digest = setting.digest else { continue }
      #expect(checksum(texts, try Self.tokenizer(setting)) == digest, "\(setting)")
    }
  }

  @Test func clustersAreThoseOfTheReference() throws {
    let file = try Self.file.get()
    let tokenizer = try Self.tokenizer(model: file.models[0], normalizer: file.everything)
    #expect(checksum(file.clusters.map { Array($0.utf8) }, tokenizer) == file.clustersDigest)
    #expect(checksum(file.markedTexts.map { Array($0.utf8) }, tokenizer) == file.marked)
  }

  private func checksum(_ texts: [[UInt8]], _ tokenizer: Tokenizer) -> UInt32 {
    var checksum = WordChecksum()
    var scratch = Tokenizer.Scratch()
    for text in texts { checksum.add(text, tokenizer, &scratch) }
    return checksum.value
  }

  /// The ids are those of Hugging Face's tokenizers 0.23.3 for the same files.
  @Test func theStartOfATextIsFollowedThroughStages() throws {
    let file = try Self.file.get()
    let first = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}"#
    func ids(_ text: String, _ normalizer: String, _ stage: String) throws -> [Int32] {
      try Self.tokenizer(
        model: file.models[0], normalizer: normalizer,
        preTokenizer: #"{"type":"Sequence","pretokenizers":[\#(stage),\#(first)]}"#
      ).tokenize(text)
    }
    // "1⁄2": its last digit comes from the removed character, if one follows.
    let map = #"{"type":"Precompiled","precompiled_charsmap":"\#(file.map)"}"#
    let digits = #"{"type":"Digits","individual_digits":true}"#
    #expect(try ids("\u{BD}\u{1D}", map, digits) == [226, 3, 0, 215])
    #expect(try ids("\u{BD}a", map, digits) == [226, 3, 0, 218, 24])
    // The added space and the first scalar are two words.
    let bytes = #"{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}"#
    #expect(try ids("\n\u{987}", "null", bytes) == [3, 0, 3, 0, 0])
    #expect(try ids("\u{3000}b", "null", bytes) == [3, 0, 3, 0, 101])
    #expect(try ids("\u{E9}a", "null", bytes) == [3, 0, 24])
  }

  /// A text of many short replacements takes linear time.
  @Test(.timeLimit(.minutes(2))) func longTextsTakeLinearTime() throws {
    let file = try Self.file.get()
    let tokenizer = try Self.tokenizer(
      model: file.models[0],
      normalizer: #"{"type":"Precompiled","precompiled_charsmap":"\#(file.map)"}"#)
    let count = 4_000_000
    var scratch = Tokenizer.Scratch()
    var bytes = 0
    tokenizer.forEachWord(
      of: Array(String(repeating: "\u{BD}", count: count).utf8).span, using: &scratch
    ) { bytes += $0.count }
    #expect(bytes == count * "1⁄2".utf8.count)
  }

  @Test func anyBytesTokenizeTheSameWayChunkByChunk() throws {
    var state: UInt64 = 7
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let parts: [[UInt8]] = [
      [0x20], [0x20], Array("the".utf8), Array("heat".utf8), Array("a".utf8), [0xCC, 0x81], [0xFF],
      [0x20, 0x20], Array("\u{FF21}\u{FF22}".utf8), Array("<x>".utf8), [0x0A], Array("flow".utf8),
      [0xD8, 0x80], Array("…".utf8), Array("中".utf8), [0xE4, 0xB8], Array("z".utf8), [0],
    ]
    for setting in try Self.file.get().cases {
      let tokenizer = try Self.tokenizer(setting)
      let byStages = tokenizer.stageByStage
      var scratch = (Tokenizer.Scratch(), Tokenizer.Scratch())
      for _ in 0..<400 {
        var text: [UInt8] = []
        for _ in 0..<next(24) { text += parts[next(parts.count)] }
        var ids: ([Int32], [Int32]) = ([], [])
        tokenizer.tokenize(text.span, using: &scratch.0, into: &ids.0)
        byStages.tokenize(text.span, using: &scratch.1, into: &ids.1)
        #expect(ids.0 == ids.1, "\(setting) \(text)")
      }
    }
  }

  @Test func longWordsTakeNoQuadraticTime() throws {
    let tokenizer = try Self.tokenizer(model: Self.file.get().models[0])
    let text = String(repeating: "a", count: 2_000_000)
    #expect(tokenizer.tokenize(text).count >= text.utf8.count / 4)
  }

  @Test func theUnknownTokenIsTheModels() throws {
    let tokenizer = try Self.tokenizer(model: Self.file.get().models[0])
    #expect(tokenizer.specialTokens.unk?.text == "<unk>")
    #expect(tokenizer.continuationPrefix.isEmpty)
    #expect(tokenizer.tokens("ab☃☃☃b") == ["a", "b", "<unk>", "b"])
  }
}
