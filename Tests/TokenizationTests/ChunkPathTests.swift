import Testing
import Tokenization

/// The ways past the stages give the ids of the stages, with vocabularies whose merges do what a cut
/// in the text could miss: small alphabets, random merges in random order, texts of the pieces.
@Suite struct ChunkPathTests {
  /// A random BPE vocabulary of letters and marks of spaces.
  private struct Vocabulary {
    var pieces: [String] = []
    var merges: [(String, String)] = []
    var chance: Chance

    /// `isOrdered` puts every merge after those of its tokens; `crosses` allows marks after letters,
    /// for every third seed after most of many letters.
    init(seed: UInt64, merges count: Int, isOrdered: Bool, crosses: Bool) {
      chance = Chance(state: seed)
      var tokens = ["a", "b", "c", ",", "\u{2581}", "é", "\n"]
      if crosses, seed % 3 == 1 { tokens += "defghijklmnopqrstu".map(String.init) }
      let scalars = tokens
      if crosses, seed % 3 == 1 {
        merges = scalars.dropFirst(7).map { ($0, "\u{2581}") }
        tokens += merges.map { $0 + $1 }
      }
      while merges.count < count {
        let left = tokens[chance.below(tokens.count)]
        let right = tokens[chance.below(tokens.count)]
        let token = left + right
        let joinsMark = right.hasPrefix("\u{2581}") && !left.hasSuffix("\u{2581}")
        if token.count > 7 || (joinsMark && !crosses) { continue }
        if merges.contains(where: { $0 == (left, right) }) { continue }
        merges.append((left, right))
        if !tokens.contains(token) { tokens.append(token) }
      }
      pieces = ["<unk>"] + scalars + (seed % 2 == 0 ? (0..<256).map(Self.byte) : [])
      pieces += tokens[scalars.count...]
      if !isOrdered {
        for place in merges.indices { merges.swapAt(place, chance.below(merges.count)) }
      }
    }

    private static func byte(_ value: Int) -> String {
      let digits = String(value, radix: 16, uppercase: true)
      return "<0x\(value < 16 ? "0" : "")\(digits)>"
    }

    func tokenizer(_ stages: Stages) throws -> Tokenizer {
      func quoted(_ text: String) -> String { "\"\(text.replacing("\n", with: "\\n"))\"" }
      let vocab = pieces.enumerated().map { "\(quoted($1)):\($0)" }.joined(separator: ",")
      let list = merges.map { "[\(quoted($0)),\(quoted($1))]" }.joined(separator: ",")
      let model =
        #"{"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,"#
        + #""end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":\#(pieces.contains("<0x00>")),"#
        + #""ignore_merges":false,"vocab":{\#(vocab)},"merges":[\#(list)]}"#
      let json = Fixture.json([
        "normalizer": stages.normalizer, "pre_tokenizer": stages.preTokenizer,
        "post_processor": "null", "model": model, "added_tokens": stages.added,
      ])
      return try Tokenizer(tokenizerJSON: json, name: "tokenizer.json")
    }

    /// Texts of pieces, spaces and characters that are none.
    mutating func texts(_ count: Int) -> [[UInt8]] {
      let others = [" ", " ", " ", "  ", "\u{2581}", "x", "e\u{301}", "\u{4E2D}", "<t>", "aa bb"]
      return (0..<count).map { _ in
        var text = ""
        for _ in 0..<1 + chance.below(chance.below(4) == 0 ? 60 : 12) {
          let piece =
            chance.below(3) == 0 ? others[chance.below(10)] : tokens[chance.below(tokens.count)]
          text += chance.below(2) == 0 ? piece.replacing("\u{2581}", with: " ") : piece
        }
        return Array(text.utf8)
      }
    }

    private var tokens: [String] { pieces.filter { !$0.hasPrefix("<") } }
  }

  /// A generator of numbers (SplitMix64).
  private struct Chance {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return Int((mixed ^ mixed >> 31) % UInt64(limit))
    }
  }

  private struct Stages {
    var normalizer: String
    var preTokenizer: String
    var added = "[]"

    private static let marks =
      #"{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}"#
    private static let prefix = #"{"type":"Prepend","prepend":"\u2581"}"#
    private static let split =
      #"{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}"#
    private static let token =
      #"[{"id":900,"content":"<t>","single_word":false,"lstrip":false,"rstrip":false,"#
      + #""normalized":true,"special":false}]"#

    private static func metaspace(_ scheme: String) -> String {
      #"{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"\#(scheme)","split":false}"#
    }

    /// Llama 2's, Gemma's, Mistral's and others.
    static let all = [
      Stages(
        normalizer: #"{"type":"Sequence","normalizers":[\#(prefix),\#(marks)]}"#,
        preTokenizer: "null"),
      Stages(
        normalizer: #"{"type":"Sequence","normalizers":[\#(prefix),\#(marks)]}"#,
        preTokenizer: "null", added: token),
      Stages(normalizer: marks, preTokenizer: split),
      Stages(
        normalizer: #"{"type":"Sequence","normalizers":[{"type":"NFC"},\#(marks)]}"#,
        preTokenizer: "null", added: token),
      Stages(normalizer: "null", preTokenizer: metaspace("first")),
      Stages(normalizer: #"{"type":"NFD"}"#, preTokenizer: metaspace("always")),
      Stages(normalizer: "null", preTokenizer: #"{"type":"WhitespaceSplit"}"#),
    ]
  }

  @Test(arguments: [false, true], [false, true])
  func mergesInAnyOrderAndAcrossSpaces(isOrdered: Bool, crosses: Bool) throws {
    for seed in UInt64(1)...12 {
      var vocabulary = Vocabulary(
        seed: seed, merges: seed % 3 == 0 ? 12 : 60, isOrdered: isOrdered, crosses: crosses)
      for stages in Stages.all {
        let tokenizer = try vocabulary.tokenizer(stages)
        var fast = Tokenizer.Scratch()
        var slow = Tokenizer.Scratch()
        for text in vocabulary.texts(150) {
          var ids: [Int32] = []
          var expected: [Int32] = []
          tokenizer.tokenize(text.span, using: &fast, into: &ids)
          tokenizer.stageByStage.tokenize(text.span, using: &slow, into: &expected)
          #expect(
            ids == expected,
            "seed \(seed), \(stages), \(String(decoding: text, as: UTF8.self).debugDescription)")
        }
      }
    }
  }

  /// Tokens that reach far: every mark changes how all letters before it are merged.
  @Test func aChainOfMergesAcrossEverySpace() throws {
    var vocabulary = Vocabulary(seed: 1, merges: 0, isOrdered: true, crosses: true)
    vocabulary.pieces += ["ab", "ba", "b\u{2581}", "\u{2581}a", "a\u{2581}", "\u{2581}ab"]
    vocabulary.merges = [
      ("b", "\u{2581}"), ("a", "b"), ("b", "a"), ("\u{2581}", "a"), ("a", "\u{2581}"),
      ("\u{2581}", "ab"),
    ]
    for stages in Stages.all {
      let tokenizer = try vocabulary.tokenizer(stages)
      for count in [3, 50, 700] {
        for unit in ["ab ", "aba ", "ba b ", "a", " ab", "ab\u{2581}"] {
          let text = String(repeating: unit, count: count) + "ab a"
          #expect(
            tokenizer.tokenize(text) == tokenizer.stageByStage.tokenize(text),
            "\(stages), \(count) times \(unit)")
        }
      }
    }
  }
}
