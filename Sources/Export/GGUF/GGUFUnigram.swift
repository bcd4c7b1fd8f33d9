import Foundation
import JSON
import Tokenization

/// What llama.cpp reads of a Unigram tokenizer beside its pieces.
struct GGUFUnigram {
  /// The score of each piece, by id.
  private let scores: [Float]
  /// SentencePiece's compiled character map; empty if texts are not changed.
  private let characters: [UInt8]
  /// Whether several spaces count as one, and those at the ends of a text as none.
  let dropsSpaces: Bool
  /// Whether a text that does not begin with a space gets one.
  private let addsSpace: Bool
  /// The id of the token for characters without a piece.
  private let unknown: Int32
  /// llama.cpp's types of the added tokens by id.
  private let addedKinds: [Int32: GGUFVocabulary.Kind]
  /// The special tokens, which this tokenizer looks for in texts.
  let specialTokens: [String]

  /// The settings of a tokenizer; nil if it is not a Unigram that llama.cpp's is equal to.
  init?(_ stages: GGUFTokenizerStages) {
    guard stages.model["type"] == "Unigram" || stages.model["type"] == nil,
      case .list(let pieces)? = stages.model["vocab"],
      let unknown = stages.model["unk_id"]?.double, stages.model["byte_fallback"] != true
    else { return nil }
    var scores: [Float] = []
    for case .list(let pair) in pieces {
      guard pair.count == 2, let score = pair[1].double else { return nil }
      scores.append(Float(score))
    }
    guard scores.count == pieces.count else { return nil }
    var characters: [UInt8] = []
    var strips = false
    for normalizer in stages.normalizers {
      switch normalizer["type"] {
      case "Precompiled"?:
        guard characters.isEmpty, case .text(let map)? = normalizer["precompiled_charsmap"],
          let bytes = Data(base64Encoded: map)
        else { return nil }
        characters = Array(bytes)
      case "Strip"?: strips = true
      case "Replace"? where normalizer["pattern"] == ["Regex": " {2,}"]: break
      default: return nil
      }
    }
    guard let metaspace = stages.preTokenizers.last, metaspace["type"] == "Metaspace",
      metaspace["replacement"] == "\u{2581}"
    else { return nil }
    let others = stages.preTokenizers.dropLast()
    guard others.allSatisfy({ $0["type"] == "WhitespaceSplit" }) else { return nil }
    self.scores = scores
    self.characters = characters
    dropsSpaces = strips || !others.isEmpty
    addsSpace =
      metaspace["prepend_scheme"] != "never" && metaspace["add_prefix_space"] != false
    self.unknown = Int32(unknown)
    addedKinds = stages.addedKinds
    specialTokens = stages.specialTokens
  }

  /// The keys of a file with `count` tokens.
  func metadata(of tokenizer: Tokenizer, count: Int) -> [(key: String, value: GGUFValue)] {
    let pieces = GGUFPieces(tokenizer, count: count, addedKinds: addedKinds, unknown: unknown)
    // Tokens beside the pieces are never the best division of a text.
    let own = (0..<count).map { id in
      id < scores.count && pieces.kinds[id] != GGUFVocabulary.Kind.control.rawValue
        ? scores[id] : pieces.kinds[id] == GGUFVocabulary.Kind.unused.rawValue ? -10_000 : 0
    }
    var metadata: [(key: String, value: GGUFValue)] = [
      ("tokenizer.ggml.model", "t5"), ("tokenizer.ggml.pre", "default"),
      ("tokenizer.ggml.tokens", .texts(pieces.tokens)),
      ("tokenizer.ggml.scores", .float32s(own)),
      ("tokenizer.ggml.token_type", .int32s(pieces.kinds)),
      ("tokenizer.ggml.add_space_prefix", .flag(addsSpace)),
      ("tokenizer.ggml.remove_extra_whitespaces", .flag(dropsSpaces)),
    ]
    if !characters.isEmpty {
      metadata.append(("tokenizer.ggml.precompiled_charsmap", .bytes(characters)))
    }
    return metadata
  }
}

/// The tokens of a vocabulary as they are, with llama.cpp's types.
struct GGUFPieces {
  private(set) var tokens: [String] = []
  private(set) var kinds: [Int32] = []

  /// The tokens of all `count` rows of the token embeddings: an id without a token gets one that
  /// matches no text.
  init(
    _ tokenizer: Tokenizer, count: Int, addedKinds: [Int32: GGUFVocabulary.Kind], unknown: Int32?
  ) {
    let special = tokenizer.specialTokens
    let roles = Set(
      [special.cls, special.sep, special.pad, special.unk, special.mask].compactMap { $0?.id })
    for id in 0..<Int32(count) {
      var kind = GGUFVocabulary.Kind.unused
      var text = "[PAD\(id)]"
      if let token = tokenizer.token(of: id), tokenizer.id(of: token) == id {
        text = token
        kind =
          id == unknown
          ? .unknown : roles.contains(id) ? .control : addedKinds[id] ?? .normal
      }
      tokens.append(text)
      kinds.append(kind.rawValue)
    }
  }
}
