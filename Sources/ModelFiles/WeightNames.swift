import Diagnostics
import Persistence

/// What a weight file calls the parameters of a model.
///
/// Parameters here are named as `BertForSequenceClassification` of transformers names them. Files
/// differ in what precedes the encoder's tensors: `bert.`, nothing in files of bare encoders, and
/// more where a wrapper such as `DataParallel` was saved with the model. Files from before 2019, and
/// those that transformers saves of models it has loaded from them, call the weight and bias of a
/// LayerNorm `gamma` and `beta`.
struct WeightNames {
  /// What the parameters' names begin with here.
  static let ownPrefix = "bert."
  private static let anchor = "embeddings.word_embeddings.weight"

  /// What precedes the encoder's tensors in the file.
  let prefix: String
  /// The names in the file by the current names of the same tensors.
  private let stored: [String: String]

  /// - Throws: `badData` where a tensor is there under both its old and its current name, and where
  ///   there are several encoders.
  init(_ files: TensorFiles) throws(Failure) {
    var stored: [String: String] = [:]
    var prefixes: [String] = []
    for tensor in files.tensors {
      let name = Self.current(tensor.name)
      if let first = stored.updateValue(tensor.name, forKey: name) {
        throw Failure(
          .badData, "'\(first)' and '\(tensor.name)' are two names of one tensor",
          at: Place(files.file(of: tensor.name), key: tensor.name), expected: "only one of them",
          remedy: "remove the one that the model was not trained with")
      }
      if name.hasSuffix(Self.anchor) {
        let prefix = name.dropLast(Self.anchor.count)
        if prefix.isEmpty || prefix.hasSuffix(".") { prefixes.append(String(prefix)) }
      }
    }
    guard prefixes.count < 2 else {
      let names = prefixes.sorted().map { "'\($0 + Self.anchor)'" }
      throw Failure(
        .badData, "there are \(names.count) encoders: \(names.joined(separator: ", "))",
        at: Place(files.file(of: prefixes[0] + Self.anchor)), expected: "the tensors of one BERT",
        remedy: "save the encoder that is meant by itself")
    }
    self.stored = stored
    let isUsual = stored.keys.contains { $0.hasPrefix(Self.ownPrefix) }
    prefix = prefixes.first ?? (isUsual ? Self.ownPrefix : "")
  }

  /// What is worth telling a user: that the encoder's tensors have a prefix of their own.
  var notice: String? {
    ["", Self.ownPrefix].contains(prefix)
      ? nil : "the encoder's tensors are those whose names begin with '\(prefix)'"
  }

  /// The current name of a tensor, as transformers maps old ones.
  private static func current(_ name: String) -> String {
    for (old, new) in [("gamma", "weight"), ("beta", "bias")]
    where name.hasSuffix("LayerNorm." + old) {
      return name.dropLast(old.count) + new
    }
    return name
  }

  /// The tensor that holds a parameter, or nil where the file has none. Heads may stand beside the
  /// encoder's prefix or above it.
  func tensor(for parameter: String) -> String? {
    guard parameter.hasPrefix(Self.ownPrefix) else { return inAncestors(parameter) }
    let bare = String(parameter.dropFirst(Self.ownPrefix.count))
    return Self.isOfEncoder(bare, below: "") ? stored[prefix + bare] : inAncestors(bare)
  }

  private func inAncestors(_ name: String) -> String? {
    var outer = prefix[...]
    while true {
      if let found = stored[outer + name] { return found }
      guard !outer.isEmpty else { return nil }
      outer = outer.dropLast()
      while let last = outer.last, last != "." { outer = outer.dropLast() }
    }
  }

  /// Whether a tensor is one of the encoder's layers or embeddings, or has a name that only they
  /// could have.
  func isOfEncoder(_ tensor: String) -> Bool {
    Self.isOfEncoder(tensor, below: prefix)
      || prefix.hasSuffix(Self.ownPrefix) && tensor.hasPrefix(prefix)
  }

  private static func isOfEncoder(_ tensor: String, below prefix: String) -> Bool {
    tensor.hasPrefix(prefix + "embeddings.") || tensor.hasPrefix(prefix + "encoder.")
  }

  /// Numbers that a file repeats for every position: computed here.
  func isBuffer(_ tensor: String) -> Bool {
    tensor.hasSuffix("embeddings.position_ids") || tensor.hasSuffix("embeddings.token_type_ids")
  }

  /// The head that a tensor beside the encoder belongs to: `cls`, `qa_outputs`.
  func head(of tensor: String) -> String {
    let outer =
      prefix.hasSuffix(Self.ownPrefix) ? prefix.dropLast(Self.ownPrefix.count) : prefix[...]
    let bare = tensor.hasPrefix(outer) ? tensor.dropFirst(outer.count) : tensor[...]
    return String(outer) + (bare.split(separator: ".").first.map(String.init) ?? String(bare))
  }

  /// The names in the file that begin as a parameter's module does, for a parameter that is missing:
  /// `weight_g` and `weight_v` in place of `weight`.
  func inPlace(of parameter: String) -> [String] {
    let isOwn = parameter.hasPrefix(Self.ownPrefix)
    let name = isOwn ? prefix + parameter.dropFirst(Self.ownPrefix.count) : parameter
    let module = name.split(separator: ".").dropLast().joined(separator: ".")
    guard !module.isEmpty else { return [] }
    return stored.values.filter { $0.hasPrefix(module + ".") }.sorted()
  }
}
