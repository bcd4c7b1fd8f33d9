public import Diagnostics
import Files
public import Models
public import Tokenization

extension ModelSidecar {
  /// The names of files that describe a tokenizer.
  public static let tokenizerNames = [
    "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
  ]

  init(_ folder: Folder) throws(Failure) {
    var files: [String: [UInt8]] = [:]
    for name in ["config.json"] + Self.tokenizerNames where folder.contains(name) {
      files[name] = try folder.readText(name).bytes.array
    }
    self.init(place: folder.path, files: files)
  }

  /// The sizes and settings of the encoder.
  ///
  /// - Throws: `Failure` where there is no `config.json`, and what reading one throws.
  public func configuration() throws(Failure) -> EncoderConfiguration {
    let keys = try configurationKeys()
    // A checkpoint's weights are a BERT's, even where `config.json` of its base names another model.
    if !isOfCheckpoint { try ComputationKeys(keys).check() }
    return try EncoderConfiguration(sizes: keys)
  }

  /// The keys of `config.json`.
  func configurationKeys() throws(Failure) -> ConfigurationKeys {
    guard let json = files["config.json"] else {
      throw Failure(.missingInput, "there is no config.json", at: Place(place))
    }
    return try ConfigurationKeys(json, name: name(of: "config.json"))
  }

  /// The tokenizer: `tokenizer.json` where there is one, else `vocab.txt`.
  public func tokenizer() throws(Failure) -> Tokenizer {
    if let json = files["tokenizer.json"] {
      return try Tokenizer(tokenizerJSON: json, name: name(of: "tokenizer.json"))
    }
    if let vocabulary = files["vocab.txt"] {
      var (lowercase, stripsAccents, separatesIdeographs) = (true, true, true)
      if let json = files["tokenizer_config.json"] {
        let keys = try ConfigurationKeys(json, name: name(of: "tokenizer_config.json"))
        lowercase = try keys.flag("do_lower_case", default: true)
        stripsAccents = try keys.flag("strip_accents", default: lowercase)
        separatesIdeographs = try keys.flag("tokenize_chinese_chars", default: true)
      }
      return try Tokenizer(
        vocabulary: vocabulary, lowercase: lowercase, stripsAccents: stripsAccents,
        separatesIdeographs: separatesIdeographs, name: name(of: "vocab.txt"))
    }
    throw Failure(
      .missingInput, "there is no tokenizer.json and no vocab.txt", at: Place(place),
      remedy: "take them from the model the weights belong to")
  }

  private func name(of file: String) -> String {
    place.hasSuffix("/") ? place + file : "\(place)/\(file)"
  }
}
