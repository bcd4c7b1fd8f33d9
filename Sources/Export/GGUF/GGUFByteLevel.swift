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

  /// The settings of a tokenizer; nil if it is not a BPE that llama.cpp's is equal to.
  init?(_ stages: GGUFTokenizerStages) {
    let model = stages.model
    guard model["type"] == "BPE" || model["type"] == nil, case .list(let rules)? = model["merges"],
      model["byte_fallback"] != true, model["ignore_merges"] != true,
      Self.isEmpty(model["continuing_subword_prefix"]), Self.isEmpty(model["end_of_word_suffix"]),
      stages.preTokenizers.count == 1, let words = stages.preTokenizers.first,
      words["type"] == "ByteLevel", words["add_prefix_space"] == false,
      words["use_regex"] != false,
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
      // GPT-2's expression for words.
      ("tokenizer.ggml.pre", "gpt-2"),
      ("tokenizer.ggml.tokens", .texts(pieces.tokens)),
      ("tokenizer.ggml.token_type", .int32s(pieces.kinds)),
      ("tokenizer.ggml.merges", .texts(merges)),
    ]
  }
}
