import Diagnostics
import Files
import JSON
import Models
import Tokenization

extension ModelSidecar {
  /// The names of SentencePiece models.
  static let sentencePieceNames = ["sentencepiece.bpe.model", "spiece.model", "spm.model"]

  /// Adds the `tokenizer.json` equivalent to a SentencePiece model of `folder`, if the files have
  /// no other tokenizer.
  ///
  /// - Throws: `badData` if the model is damaged or its family is unknown.
  mutating func addSentencePiece(of folder: Folder) throws(Failure) {
    guard files["tokenizer.json"] == nil, files["vocab.txt"] == nil,
      let name = Self.sentencePieceNames.first(where: folder.contains)
    else { return }
    let path = self.name(of: name)
    let settings = try value("tokenizer_config.json")
    guard let family = try sentencePieceFamily(settings) else {
      let known = SentencePieceFamily.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(
        .badData, "config.json has no model_type that determines the ids of \(name)",
        at: Place(path), expected: "a model_type of: \(known)",
        remedy: "save the tokenizer as tokenizer.json with transformers")
    }
    let model = try SentencePieceModel(folder.read(name).array, name: path)
    files["tokenizer.json"] = try model.tokenizerJSON(
      family, lowercases: settings?["do_lower_case"] == true,
      splitsPunctuation: settings?["split_by_punct"] == true,
      sentinels: try sentinels(settings))
  }

  /// The number of T5's sentinel tokens: those of mT5 are pieces, or there are none.
  ///
  /// - Throws: `badData` for a value that is not such a number.
  private func sentinels(_ settings: JSONValue?) throws(Failure) -> Int {
    let key = "extra_ids"
    guard let found = settings?[key], found != .null else {
      return SentencePieceFamily.usualSentinels
    }
    guard case .whole(let count) = found, (0...100_000).contains(count) else {
      throw Failure(
        .badData, "'\(key)' is not a number of sentinel tokens",
        at: Place(name(of: "tokenizer_config.json"), key: key),
        expected: "an integer from 0 to 100000",
        remedy: "use the tokenizer_config.json that belongs to the model")
    }
    return count
  }

  /// The family: by the class of the tokenizer if that is known, else by the model's type.
  private func sentencePieceFamily(_ settings: JSONValue?) throws(Failure) -> SentencePieceFamily? {
    let classes: [(name: String, family: SentencePieceFamily)] = [
      ("XLMRoberta", .xlmRoBERTa), ("Camembert", .camemBERT), ("T5", .t5), ("MT5", .mT5),
      ("UMT5", .umT5), ("DebertaV2", .deBERTa),
    ]
    if case .text(let name)? = settings?["tokenizer_class"] {
      for item in classes
      where name == item.name + "Tokenizer" || name == item.name + "TokenizerFast" {
        return item.family
      }
    }
    guard case .text(let type)? = try value("config.json")?["model_type"] else { return nil }
    return SentencePieceFamily(rawValue: type)
  }
}
