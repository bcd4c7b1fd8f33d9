import JSON
import Tokenization

/// What llama.cpp reads of a byte-level BPE tokenizer beside its pieces.
struct GGUFByteLevel {
  /// The merges, each as two pieces with a space between them.
  private let merges: [String]
  /// llama.cpp's types of the added tokens by id.
  private let addedKinds: [Int32: GGUFVocabulary.Kind]
  /// The special tokens, which this tokenizer looks for in texts.
  let specialTokens: [String]
  /// Whether texts are composed (NFC), which llama.cpp does not do.
  let composes: Bool
  /// llama.cpp's name of the expression for words.
  private let words: String

  /// Qwen's expression for words, which llama.cpp has as `qwen2`.
  private static let qwen2 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// llama.cpp's name of the way in which words are split; nil for one that it lacks.
  private static func words(of stages: [JSONValue]) -> String? {
    guard let last = stages.last, last["type"] == "ByteLevel", last["add_prefix_space"] == false
    else { return nil }
    if stages.count == 1 { return last["use_regex"] != false ? "gpt-2" : nil }
    let first = stages[0]
    guard stages.count == 2, last["use_regex"] == false, first["type"] == "Split",
      first["behavior"] == "Isolated", first["invert"] != true,
      first["pattern"]?["Regex"] == .text(qwen2)
    else { return nil }
    return "qwen2"
  }

  /// The settings of a tokenizer; nil if it is not a BPE that llama.cpp's is equal to.
  init?(_ stages: GGUFTokenizerStages) {
    let model = stages.model
    guard model["type"] == "BPE" || model["type"] == nil, case .list(let rules)? = model["merges"],
      model["byte_fallback"] != true, model["ignore_merges"] != true,
      Self.isEmpty(model["continuing_subword_prefix"]), Self.isEmpty(model["end_of_word_suffix"]),
      let words = Self.words(of: stages.preTokenizers),
      stages.normalizers.allSatisfy({ $0["type"] == "NFC" })
    else { return nil }
    var merges: [String] = []
    for rule in rules {
      switch rule {
      case .text(let pair): merges.append(pair)
      case .list(let pair):
        guard pair.count == 2, case .text(let left) = pair[0], case .text(let right) = pair[1]
        else { return nil }
        merges.append("\(left) \(right)")
      default: return nil
      }
    }
    self.merges = merges
    self.words = words
    addedKinds = stages.addedKinds
    specialTokens = stages.specialTokens
    composes = !stages.normalizers.isEmpty
  }

  private static func isEmpty(_ member: JSONValue?) -> Bool {
    member == nil || member == .null || member == ""
  }

  /// The keys of a file with `count` tokens.
  func metadata(of tokenizer: Tokenizer, count: Int) -> [(key: String, value: GGUFValue)] {
    let pieces = GGUFPieces(tokenizer, count: count, addedKinds: addedKinds, unknown: nil)
    return [
      ("tokenizer.ggml.model", "gpt2"),
      ("tokenizer.ggml.pre", .text(words)),
      ("tokenizer.ggml.tokens", .texts(pieces.tokens)),
      ("tokenizer.ggml.token_type", .int32s(pieces.kinds)),
      ("tokenizer.ggml.merges", .texts(merges)),
    ]
  }
}
