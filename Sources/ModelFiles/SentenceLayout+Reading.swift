import Autodiff
import Diagnostics
import Files
import JSON
import Models

extension SentenceLayout {
  static let modulesFile = SentenceModule.listName
  private static let settingsFile = SentenceModule.settingsName
  private static let lengthFile = SentenceModule.encoderSettingsName
  private static let poolingFile = "1_Pooling/config.json"
  private static let tokenizerFile = "tokenizer_config.json"

  private struct Settings: Decodable {
    let prompts: [String: String?]?
    let defaultPrompt: String?
    let similarity: String?

    private enum CodingKeys: String, CodingKey {
      case prompts
      case defaultPrompt = "default_prompt_name"
      case similarity = "similarity_fn_name"
    }
  }

  /// The folder of the encoder below the folder `top`; nil if `top` does not have this layout.
  static func encoder(below top: Folder) -> Folder? {
    guard top.contains(modulesFile), let first = (try? SentenceModule.list(in: top))?.first else {
      return nil
    }
    let folder = top.subfolder(first.path)
    return folder.contains("config.json") ? folder : nil
  }

  /// Reads the layout from the files in `top` and, beside the encoder, in `encoder`; nil if there
  /// are none.
  ///
  /// - Parameter width: the width of the encoder's tokens, if it is known.
  /// - Throws: `badData` if a file is malformed, describes an unsupported layout or pools tokens of
  ///   another width; `missingInput` for a pooling module without configuration.
  init?(of top: Folder, encoder: Folder, width: Int?) throws(Failure) {
    var poolingFile = Self.poolingFile
    var hasNormalize = false
    if top.contains(Self.modulesFile) {
      poolingFile = ""
      for (place, module) in try SentenceModule.list(in: top).enumerated() {
        switch (place, module.name) {
        case (0, "Transformer"): break
        case (1, "Pooling"): poolingFile = module.configurationName
        case (2, "Normalize"): hasNormalize = true
        default:
          throw Failure(
            .badData, "the model has an unsupported module '\(module.name)'",
            at: Place(top.path(of: Self.modulesFile), key: module.type),
            expected: "Transformer, Pooling and, optionally, Normalize, in this order",
            remedy: "use a model whose embeddings are pooled tokens, without layers after them")
        }
      }
      guard !poolingFile.isEmpty else {
        throw Failure(
          .badData, "the model has no pooling module", at: Place(top.path(of: Self.modulesFile)),
          expected: "a module of the type sentence_transformers.models.Pooling")
      }
    }
    guard top.contains(poolingFile) else {
      guard top.contains(Self.modulesFile) else { return nil }
      throw Failure(
        .missingInput, "the configuration of the pooling module is missing",
        at: Place(top.path(of: poolingFile)),
        expected: "the files of all modules that \(Self.modulesFile) lists",
        remedy: "download the model again, with its folders")
    }
    self.init()
    let keys = try ConfigurationKeys(
      try top.read(poolingFile).array, name: top.path(of: poolingFile))
    pooling = try SequencePooling(keys)
    try Self.checkWidth(keys, of: width)
    if encoder.contains(Self.lengthFile) {
      let keys = try ConfigurationKeys(
        try encoder.read(Self.lengthFile).array, name: encoder.path(of: Self.lengthFile))
      let length = try keys.count("max_seq_length", default: 0, least: 0)
      maximumLength = length > 0 ? length : nil
      lowercases = try keys.flag("do_lower_case", default: false)
    }
    if maximumLength == nil { maximumLength = try Self.tokenizerLength(encoder) }
    if top.contains(Self.settingsFile) {
      try apply(
        Self.decode(Settings.self, try top.read(Self.settingsFile).array),
        hasNormalize: hasNormalize, name: top.path(of: Self.settingsFile))
    }
  }

  /// - Throws: `badData` if a pooling module reads tokens of another width.
  private static func checkWidth(_ keys: ConfigurationKeys, of width: Int?) throws(Failure) {
    for key in ["word_embedding_dimension", "embedding_dimension"] where keys[key] != .null {
      let columns = try keys.count(key)
      guard let width, columns != width else { continue }
      throw keys.refusal(
        key, "the pooling module reads \(columns) columns, the encoder gives \(width)",
        expected: "\(width)", remedy: "use the files of one model")
    }
  }

  /// The tokenizer's maximum length, which newer versions store instead of `max_seq_length`. Files
  /// without a limit have none, or a number beyond any model.
  private static func tokenizerLength(_ encoder: Folder) throws(Failure) -> Int? {
    guard encoder.contains(tokenizerFile) else { return nil }
    let keys = try ConfigurationKeys(
      try encoder.read(tokenizerFile).array, name: encoder.path(of: tokenizerFile))
    let length = try keys.number("model_max_length", default: 0)
    return (1...Double(1 << 24)).contains(length) ? Int(length) : nil
  }

  private mutating func apply(
    _ settings: Settings?, hasNormalize: Bool, name: String
  ) throws(Failure) {
    guard let settings else {
      throw Failure(
        .badData, "the file is not a sentence-transformers configuration", at: Place(name),
        expected: "an object with 'prompts', 'default_prompt_name' and 'similarity_fn_name'")
    }
    switch settings.similarity ?? "cosine" {
    case "cosine": break
    // Dot products of vectors of length 1 are cosines.
    case "dot": comparesCosines = hasNormalize
    case let other:
      throw Failure(
        .badData, "unsupported similarity function '\(other)'",
        at: Place(name, key: "similarity_fn_name"), expected: "cosine or dot")
    }
    let prompts = (settings.prompts ?? [:]).mapValues { $0 ?? "" }
    let (queries, documents) = (["query"], ["document", "passage", "corpus"])
    if let usual = settings.defaultPrompt {
      guard let prompt = prompts[usual] else {
        throw Failure(
          .badData, "the default prompt '\(usual)' is not defined",
          at: Place(name, key: "default_prompt_name"),
          expected: prompts.isEmpty
            ? "an entry of 'prompts', which is empty or missing"
            : "one of \(prompts.keys.sorted().joined(separator: ", "))")
      }
      if !documents.contains(usual) { queryPrompt = prompt }
      if !queries.contains(usual) { documentPrompt = prompt }
    }
    if let prompt = queries.lazy.compactMap({ prompts[$0] }).first { queryPrompt = prompt }
    if let prompt = documents.lazy.compactMap({ prompts[$0] }).first { documentPrompt = prompt }
  }

  private static func decode<T: Decodable>(_ type: T.Type, _ json: [UInt8]) -> T? {
    try? JSONReader().decode(type, from: json)
  }
}
