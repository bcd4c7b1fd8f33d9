public import Diagnostics
import Files
public import Models
public import Tokenization

extension ModelSidecar {
  /// The names of files that describe a tokenizer.
  public static let tokenizerNames = [
    "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
  ]

  /// The names of files that stand for a `tokenizer.json` where there is none.
  static let mergesNames = ["vocab.json", "merges.txt"]

  init(_ folder: Folder) throws(Failure) {
    var files: [String: [UInt8]] = [:]
    for name in ["config.json"] + Self.tokenizerNames where folder.contains(name) {
      files[name] = try folder.readText(name).bytes.array
    }
    self.init(place: folder.path, files: files)
    let hasTokenizer = files["tokenizer.json"] != nil || files["vocab.txt"] != nil
    if !hasTokenizer, Self.mergesNames.allSatisfy(folder.contains) {
      self.files["tokenizer.json"] = try joinedTokenizer(of: folder)
    }
    try addSentencePiece(of: folder)
  }

  /// The `tokenizer.json` equivalent to `vocab.json` and `merges.txt`.
  private func joinedTokenizer(of folder: Folder) throws(Failure) -> [UInt8] {
    var addsSpace = false
    if let json = files["tokenizer_config.json"] {
      let keys = try ConfigurationKeys(json, name: name(of: "tokenizer_config.json"))
      addsSpace = try keys.flag("add_prefix_space", default: false)
    }
    return try Tokenizer.json(
      vocabulary: folder.readText("vocab.json").bytes.array, name: name(of: "vocab.json"),
      merges: folder.readText("merges.txt").bytes.array, mergesName: name(of: "merges.txt"),
      addsSpace: addsSpace)
  }

  /// The family of the model, with its sizes and settings.
  ///
  /// - Throws: `Failure` if there is no `config.json` or it cannot be read.
  public func architecture() throws(Failure) -> any Architecture {
    let keys = try configurationKeys()
    // A checkpoint's weights were trained with this program's computation, regardless of the
    // `config.json` of its base.
    if isOfCheckpoint { return try Architectures.ofCheckpoint(keys).init(keys) }
    let family = try Architectures.named(by: keys)
    try family.check(keys)
    return try family.init(keys)
  }

  /// A notice about keys of `config.json` that have no effect; nil without such keys.
  func notice() throws(Failure) -> String? {
    guard !isOfCheckpoint else { return nil }
    let keys = try configurationKeys()
    return try Architectures.named(by: keys).notice(keys)
  }

  /// The keys of `config.json`.
  func configurationKeys() throws(Failure) -> ConfigurationKeys {
    guard let json = files["config.json"] else {
      throw Failure(.missingInput, "'config.json' is missing", at: Place(place))
    }
    return try ConfigurationKeys(json, name: name(of: "config.json"))
  }

  /// The tokenizer: from `tokenizer.json` if it exists, else from `vocab.txt`.
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
      .missingInput,
      "'tokenizer.json', 'vocab.txt', and 'vocab.json' with 'merges.txt' are missing",
      at: Place(place), remedy: "copy one of them from the model that the weights belong to")
  }

  private func name(of file: String) -> String {
    place.hasSuffix("/") ? place + file : "\(place)/\(file)"
  }
}
