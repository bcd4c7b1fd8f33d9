/// A family of models: the ids of the pieces of a SentencePiece model and its special tokens, as in
/// transformers 5.
public enum SentencePieceFamily: String, Sendable, CaseIterable {
  /// XLM-RoBERTa: ids are those of fairseq, `<s>`, `<pad>`, `</s>` and `<unk>` before the pieces.
  case xlmRoBERTa = "xlm-roberta"
  /// CamemBERT: the same with five tokens in front, and the model's own `<s>` and `</s>`.
  case camemBERT = "camembert"
  /// T5: the model's ids, followed by sentinel tokens, of which the last one is `<extra_id_0>`.
  case t5
  /// mT5, whose tokenizer is T5's.
  case mT5 = "mt5"
  /// umT5, likewise.
  case umT5 = "umt5"
  /// DeBERTa-v2 and v3: the model's ids and `[MASK]`.
  case deBERTa = "deberta-v2"

  /// The tokens and templates that a family adds to the pieces of the file.
  struct Frame {
    /// Tokens before the pieces, with their scores.
    var first: [(text: String, score: Double)] = []
    /// The number of leading pieces of the file that these replace.
    var dropped = 0
    /// Tokens after the pieces.
    var last: [String] = []
    /// The tokens with a role.
    var roles: [String]
    /// The unknown token; nil if it is the file's.
    var unknown: String?
    /// The template of a single text, `A`.
    var single: [String]
    /// The part that a second text, `B`, adds to it.
    var second: [String]
    /// The token type of the second text.
    var secondType = 0
    /// Tokens that include the whitespace before them.
    var stripping: Set<String> = []
  }

  /// The number of T5's sentinel tokens where its files do not say it.
  public static let usualSentinels = 100

  /// The tokens and templates of this family; `sentinels` is the number of T5's sentinel tokens.
  func frame(sentinels: Int = usualSentinels) -> Frame {
    switch self {
    case .xlmRoBERTa:
      Frame(
        first: [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0)], dropped: 3, last: ["<mask>"],
        roles: ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], unknown: "<unk>",
        single: ["<s>", "A", "</s>"], second: ["</s>", "B", "</s>"])
    case .camemBERT:
      Frame(
        first: [
          ("<s>NOTUSED", 0), ("<pad>", 0), ("</s>NOTUSED", 0), ("<unk>", 0),
          ("<unk>NOTUSED", -100),
        ], dropped: 1, last: ["<mask>"], roles: ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        unknown: "<unk>", single: ["<s>", "A", "</s>"], second: ["</s>", "B", "</s>"],
        stripping: ["<mask>"])
    case .t5, .mT5, .umT5:
      Frame(
        last: (0..<sentinels).reversed().map { "<extra_id_\($0)>" },
        roles: ["<pad>", "</s>", "<unk>"] + (0..<sentinels).map { "<extra_id_\($0)>" },
        single: ["A", "</s>"], second: ["B", "</s>"])
    case .deBERTa:
      Frame(
        roles: ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"], single: ["[CLS]", "A", "[SEP]"],
        second: ["B", "[SEP]"], secondType: 1)
    }
  }
}
