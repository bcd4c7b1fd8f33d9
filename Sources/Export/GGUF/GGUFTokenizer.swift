import Diagnostics
import JSON
import ModelFiles
import Models
import Tokenization

/// A model's tokenizer as llama.cpp has it: one of its kinds, with the settings that the kind reads.
enum GGUFTokenizer {
  /// WordPiece, which llama.cpp calls `bert`.
  case wordPiece
  /// SentencePiece's Unigram, which llama.cpp calls `t5`.
  case unigram(GGUFUnigram)
  /// Byte-level BPE, which llama.cpp calls `gpt2`.
  case byteLevel(GGUFByteLevel)

  /// The tokenizer of a model.
  ///
  /// - Throws: `badData` if llama.cpp has no tokenizer with these stages.
  init(_ model: CrossEncoder) throws(Failure) {
    if model.tokenizer.hasBertStages {
      self = .wordPiece
      return
    }
    if let json = model.sidecar.files["tokenizer.json"] {
      let stages = try JSONReader().decode(
        GGUFTokenizerStages.self, from: json, name: model.sidecar.place + "/tokenizer.json")
      if let unigram = GGUFUnigram(stages) {
        self = .unigram(unigram)
        return
      }
      if let byteLevel = GGUFByteLevel(stages) {
        self = .byteLevel(byteLevel)
        return
      }
    }
    throw Failure(
      .badData, "llama.cpp cannot split texts as this model's tokenizer does",
      at: Place(model.sidecar.place),
      expected: "WordPiece with BERT's normalizer and words, Unigram with Metaspace words and at"
        + " most a precompiled character map, or BPE with GPT-2's or Qwen2's byte-level words and at most NFC",
      remedy: "export the model in another format")
  }

  /// The keys of the tokenizer's kind, for a vocabulary of `count` tokens.
  func metadata(
    of tokenizer: Tokenizer, count: Int
  ) -> [(key: String, value: GGUFValue)] {
    switch self {
    case .wordPiece:
      let vocabulary = GGUFVocabulary(tokenizer, count: count)
      return [
        ("tokenizer.ggml.model", "bert"), ("tokenizer.ggml.pre", "default"),
        ("tokenizer.ggml.tokens", .texts(vocabulary.tokens)),
        ("tokenizer.ggml.token_type", .int32s(vocabulary.kinds)),
      ]
    case .unigram(let unigram): return unigram.metadata(of: tokenizer, count: count)
    case .byteLevel(let byteLevel): return byteLevel.metadata(of: tokenizer, count: count)
    }
  }
}

/// The sections of `tokenizer.json` that decide which tokenizer of llama.cpp is the same.
struct GGUFTokenizerStages: Decodable {
  var normalizer: JSONValue?
  var preTokenizer: JSONValue?
  var model: JSONValue
  var addedTokens: [AddedToken]?

  /// A token that is searched for in texts.
  struct AddedToken: Decodable {
    var id: Int
    var content: String
    var special: Bool?
  }

  private enum CodingKeys: String, CodingKey {
    case normalizer, model
    case preTokenizer = "pre_tokenizer"
    case addedTokens = "added_tokens"
  }

  /// The normalizers in order, those of sequences included.
  var normalizers: [JSONValue] { Self.flat(normalizer, "normalizers") }

  /// The pre-tokenizers in order, those of sequences included.
  var preTokenizers: [JSONValue] { Self.flat(preTokenizer, "pretokenizers") }

  private static func flat(_ stage: JSONValue?, _ members: String) -> [JSONValue] {
    guard let stage, stage != .null else { return [] }
    guard stage["type"] == "Sequence", case .list(let stages)? = stage[members] else {
      return [stage]
    }
    return stages.flatMap { flat($0, members) }
  }

  /// llama.cpp's types of the added tokens by id. It looks for ordinary ones in texts, as this
  /// tokenizer does.
  var addedKinds: [Int32: GGUFVocabulary.Kind] {
    Dictionary(
      (addedTokens ?? []).map { (Int32($0.id), $0.special == true ? .control : .added) },
      uniquingKeysWith: { $1 })
  }

  /// The special tokens, which this tokenizer looks for in texts.
  var specialTokens: [String] { (addedTokens ?? []).filter { $0.special == true }.map(\.content) }
}
