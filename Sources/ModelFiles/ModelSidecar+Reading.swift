public import Diagnostics
import Files
import JSON
public import Models
public import Tokenization

extension ModelSidecar {
  /// The names of files that describe a tokenizer.
  public static let tokenizerNames = [
    "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
  ]

  /// The names of files that a missing `tokenizer.json` is made from.
  static let sourceNames = mergesNames + ["added_tokens.json"] + sentencePieceNames

  init(_ folder: Folder) throws(Failure) {
    var files: [String: [UInt8]] = [:]
    for name in ["config.json"] + Self.tokenizerNames where folder.contains(name) {
      files[name] = try folder.readText(name).bytes.array
    }
    self.init(place: folder.path, files: files)
    if folder.contains(ModelNotes.fileName) {
      let json = try folder.read(ModelNotes.fileName).array
      hasNotes = true
      prompt = try ModelNotes(json: json, name: folder.path(of: ModelNotes.fileName)).prompt
    }
    try addMPNetTokenizer()
    try addMerges(of: folder)
    try addSentencePiece(of: folder)
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

  /// The head of a reranker that is made of modules; nil for the family's own head.
  ///
  /// - Throws: `badData` if the modules are malformed, or give no score.
  package func modularHead() throws(Failure) -> ModularHead? {
    guard let json = files[Self.modulesName] else { return nil }
    return try RerankerModules(kept: json, name: name(of: Self.modulesName)).head()
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

  /// The tokenizer, with pairs in the model's prompt if it has one.
  public func tokenizer() throws(Failure) -> Tokenizer {
    let tokenizer = try plainTokenizer()
    guard let prompt else { return tokenizer }
    return try tokenizer.withPrompt(prompt, at: Place(place, key: "prompt"))
  }

  /// The tokenizer with its own form of pairs: from `tokenizer.json` if it exists, else from
  /// `vocab.txt`.
  func plainTokenizer() throws(Failure) -> Tokenizer {
    if let json = files["tokenizer.json"] {
      let tokenizer = try Tokenizer(tokenizerJSON: json, name: name(of: "tokenizer.json"))
      return tokenizer.specialTokens.pad == nil ? withPadding(tokenizer) : tokenizer
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
      "the tokenizer is missing: there is no 'tokenizer.json', 'vocab.txt', 'vocab.json' with"
        + " 'merges.txt', or SentencePiece model",
      at: Place(place), remedy: "copy one of them from the model that the weights belong to")
  }

  /// The same tokenizer with the padding token that `tokenizer_config.json` names, or whose id is in
  /// `config.json`: `tokenizer.json` says it only where it pads. A token that texts may contain is
  /// none.
  private func withPadding(_ tokenizer: Tokenizer) -> Tokenizer {
    let entry = (try? value("tokenizer_config.json"))??["pad_token"]
    if let entry, case .text(let text) = entry["content"] ?? entry,
      let padded = tokenizer.padded(with: text)
    {
      return padded
    }
    guard case .whole(let id)? = (try? value("config.json"))??["pad_token_id"],
      let id = Int32(exactly: id)
    else { return tokenizer }
    return tokenizer.padded(with: id) ?? tokenizer
  }

  /// The path of a file, for failures.
  func name(of file: String) -> String {
    place.hasSuffix("/") ? place + file : "\(place)/\(file)"
  }

  /// The content of a JSON file; nil without the file.
  func value(_ file: String) throws(Failure) -> JSONValue? {
    guard let bytes = files[file] else { return nil }
    return try JSONValue(bytes, name: name(of: file))
  }
}
