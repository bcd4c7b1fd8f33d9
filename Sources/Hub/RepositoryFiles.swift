import Diagnostics
import Files
import JSON

/// Which files of a repository a model is read from.
struct RepositoryFiles {
  /// The names of all files.
  let names: Set<String>

  init(_ names: some Sequence<String>) { self.names = Set(names) }

  /// The list of a sentence-transformers model's modules.
  static let modules = "modules.json"
  private static let adapter = "adapter_config.json"

  /// The files beside the weights, for whose absence a commit is asked once.
  static let small = [
    "config.json", modules, adapter, "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt",
    "sentencepiece.bpe.model", "spiece.model", "spm.model", "tokenizer.model",
    "chat_template.jinja", "config_sentence_transformers.json", "sentence_bert_config.json",
    "ltr.json", "calibration.json",
  ]

  private static let tokenizers = [
    "tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model",
    "spm.model", "tokenizer.model",
  ]

  /// A module of a sentence-transformers model.
  struct Module: Equatable {
    let path: String
    /// Whether the module cannot be read without a `config.json` of its own.
    let isConfigured: Bool
  }

  /// The modules that `modules.json` lists; the encoder alone without it.
  static func modules(_ json: [UInt8]?) -> [Module] {
    guard let json, case .list(let list)? = try? JSONValue(json, name: modules) else {
      return [Module(path: "", isConfigured: true)]
    }
    let found = list.compactMap { entry -> Module? in
      guard case .text(let path)? = entry["path"], !path.contains("..") else { return nil }
      var type = ""
      if case .text(let text)? = entry["type"] { type = text }
      let kinds = [".Transformer", ".Pooling", ".Dense", ".LayerNorm"]
      return Module(path: path, isConfigured: kinds.contains { type.hasSuffix($0) })
    }
    return found.isEmpty ? [Module(path: "", isConfigured: true)] : found
  }

  /// The small files that exist in a folder.
  func small(in folder: String) -> [String] {
    Self.small.map { Self.path(folder, $0) }.filter(names.contains)
  }

  /// The weights in a folder.
  enum Weights: Equatable {
    /// These files, of which none is an index.
    case files([String])
    /// The shards that this index names.
    case index(String)
  }

  /// The weights that are read from a folder: safetensors, or else PyTorch's; nil for none.
  func weights(in folder: String) -> Weights? {
    for (stem, ending) in [("model", "safetensors"), ("pytorch_model", "bin")] {
      let single = Self.path(folder, "\(stem).\(ending)")
      if names.contains(single) { return .files([single]) }
      let index = single + ".index.json"
      if names.contains(index) { return .index(index) }
      let start = Self.path(folder, stem + "-")
      let shards = names.filter { name in
        name.hasPrefix(start) && name.hasSuffix("." + ending)
          && name.dropFirst(start.count).contains("-of-")
          && !name.dropFirst(start.count).contains("/")
      }
      if !shards.isEmpty { return .files(shards.sorted()) }
    }
    let adapted = Self.path(folder, "adapter_model.safetensors")
    return names.contains(Self.path(folder, Self.adapter)) && names.contains(adapted)
      ? .files([adapted]) : nil
  }

  /// The shards that an index names.
  ///
  /// - Throws: `badData` if it is no index.
  static func shards(_ json: [UInt8], index: String) throws(Failure) -> [String] {
    let folder = index.lastIndex(of: "/").map { String(index[..<$0]) } ?? ""
    let map = try JSONValue(json, name: index)["weight_map"]?.members ?? [:]
    let shards = Set(
      map.values.compactMap { value -> String? in
        if case .text(let name) = value, !name.contains("/") { name } else { nil }
      })
    guard !shards.isEmpty else {
      throw Failure(
        .badData, "the index names no shards", at: Place(index, key: "weight_map"),
        expected: "the names of tensors, each with the file that holds it")
    }
    return shards.sorted().map { path(folder, $0) }
  }

  /// Whether it has a tokenizer, or is an adapter, which has that of its base.
  func hasTokenizer(in folder: String) -> Bool {
    isAdapter
      || ([folder, ""].contains { folder in
        Self.tokenizers.contains { names.contains(Self.path(folder, $0)) }
      })
  }

  /// Whether it holds an adapter and no model.
  var isAdapter: Bool { names.contains(Self.adapter) && !names.contains("config.json") }

  static func path(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : "\(folder)/\(name)"
  }

  // MARK: What is on disk

  /// How much of a model the files on disk are.
  enum State: Equatable {
    /// All that is known of the repository is there.
    case complete
    /// It can be loaded; there may be more files.
    case loadable
    /// This file is missing.
    case missing(String)
  }

  /// The state of a model's files; `read` gives the bytes of one of them.
  func state(
    knowsModules: Bool, _ read: (String) -> [UInt8]?
  ) -> State {
    let modules = Self.modules(names.contains(Self.modules) ? read(Self.modules) : nil)
    let encoder = modules.first?.path ?? ""
    if !isAdapter {
      for module in modules where module.isConfigured {
        // An old transformer's settings have another name in a module that is not the encoder.
        let name = Self.path(module.path, "config.json")
        if !names.contains(name) { return .missing(name) }
      }
    }
    guard hasTokenizer(in: encoder) else { return .missing("the tokenizer's files") }
    switch weights(in: encoder) {
    case .files: break
    case .index(let index):
      guard let json = read(index), let shards = try? Self.shards(json, index: index) else {
        return .missing(index)
      }
      if let shard = shards.first(where: { !names.contains($0) }) { return .missing(shard) }
    case nil: return .missing("the weights")
    }
    return names.contains(Self.modules) || knowsModules ? .complete : .loadable
  }
}
