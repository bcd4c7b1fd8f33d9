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
    try addSentencePiece(of: folder)
  }

  /// The family of the model, with its sizes and settings.
  ///
  /// - Throws: `Failure` where there is no `config.json`, and what reading one throws.
  public func architecture() throws(Failure) -> any Architecture {
    let keys = try configurationKeys()
    // A checkpoint's weights were computed with here, whatever the `config.json` of its base says.
    if isOfCheckpoint { return try Architectures.ofCheckpoint(keys).init(keys) }
    let family = try Architectures.named(by: keys)
    try family.check(keys)
    return try family.init(keys)
  }

  /// A notice about keys of `config.json` that have no effect; nil where there are none.
  func notice() throws(Failure) -> String? {
    guard !isOfCheckpoint else { return nil }
    let keys = try configurationKeys()
    return try Architectures.named(by: keys).notice(keys)
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
