public import Diagnostics
import Files
public import Tokenization

/// The small files that make weights into a model: configuration and tokenizer, as they were found.
public struct ModelSidecar: Sendable {
  /// Where the files came from, for messages.
  public let place: String
  /// The files by name: `config.json`, and those of `tokenizerNames` that were there.
  public var files: [String: [UInt8]]

  /// The names of files that describe a tokenizer.
  public static let tokenizerNames = [
    "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
  ]

  /// Files that were read elsewhere.
  public init(place: String, files: [String: [UInt8]]) {
    self.place = place
    self.files = files
  }

  init(_ folder: Folder) throws(Failure) {
    var files: [String: [UInt8]] = [:]
    for name in ["config.json"] + Self.tokenizerNames where folder.contains(name) {
      files[name] = try folder.read(name).array
    }
    self.init(place: folder.path, files: files)
  }

  func configuration() throws(Failure) -> EncoderConfiguration {
    guard let json = files["config.json"] else {
      throw Failure(.missingInput, "there is no config.json", at: Place(place))
    }
    return try EncoderConfiguration(json: json, name: name(of: "config.json"))
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

  /// A model with several labels is a classifier, not a ranker.
  func checkLabels() throws(Failure) {
    guard let json = files["config.json"] else { return }
    let keys = try ConfigurationKeys(json, name: name(of: "config.json"))
    let labels = try keys.count("num_labels", default: 1)
    guard labels == 1 else {
      throw Failure(
        .badData, "the model has \(labels) labels",
        at: Place(name(of: "config.json"), key: "num_labels"), expected: "1, a relevance score")
    }
  }

  private func name(of file: String) -> String { place + "/" + file }
}
