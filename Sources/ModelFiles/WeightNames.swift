import Diagnostics
import Models
import Persistence

/// The names of a model's parameters in a weight file.
///
/// This program names parameters as the classifiers of transformers do. Files differ in the prefix
/// of the encoder's tensors: that of the family, none in files of bare encoders, a longer one if a
/// wrapper such as `DataParallel` was saved with the model. Old files use other names for some
/// tensors.
struct WeightNames {
  private let naming: WeightNaming
  /// The prefix of the encoder's tensors in the file.
  let prefix: String
  /// The names in the file, by the current names of the same tensors, or of their parts.
  private let stored: [String: String]
  /// The shares of tensors that hold several parameters, by the current names of these.
  private let shares: [String: Share]

  /// A share of the rows of a tensor: number `number` of `count` equal ones.
  struct Share: Equatable {
    let number: Int
    let count: Int
  }

  /// - Throws: `badData` if a tensor is stored under both its old and its current name, or if there
  ///   are several encoders.
  init(_ files: TensorFiles, of blueprint: Blueprint) throws(Failure) {
    naming = blueprint.names
    // The token embeddings reveal the encoder's prefix.
    let anchor = String(
      (blueprint.embeddings.words.name + ".weight").dropFirst(naming.prefix.count))
    var stored: [String: String] = [:]
    var shares: [String: Share] = [:]
    var prefixes: [String] = []
    for tensor in files.tensors {
      let name = Self.current(tensor.name, naming)
      let parts = Self.parts(name, naming)
      for (number, part) in (parts ?? [name]).enumerated() {
        if parts != nil { shares[part] = Share(number: number, count: parts?.count ?? 1) }
        guard let first = stored.updateValue(tensor.name, forKey: part) else { continue }
        throw Failure(
          .badData, "'\(first)' and '\(tensor.name)' name the same tensor",
          at: Place(files.file(of: tensor.name), key: tensor.name), expected: "only one of them",
          remedy: "remove the one that the model was not trained with")
      }
      if name.hasSuffix(anchor) {
        let prefix = name.dropLast(anchor.count)
        if prefix.isEmpty || prefix.hasSuffix(".") { prefixes.append(String(prefix)) }
      }
    }
    guard prefixes.count < 2 else {
      let names = prefixes.sorted().map { "'\($0 + anchor)'" }
      throw Failure(
        .badData, "the weights contain \(names.count) encoders: \(names.joined(separator: ", "))",
        at: Place(files.file(of: prefixes[0] + anchor)),
        expected: "the tensors of one \(naming.family)",
        remedy: "save only the encoder to be used")
    }
    self.stored = stored
    self.shares = shares
    let own = naming.prefix
    let isUsual = stored.keys.contains { $0.hasPrefix(own) }
    prefix = prefixes.first ?? (isUsual ? own : "")
  }

  /// A notice for the user if the encoder's tensors have an unusual prefix.
  var notice: String? {
    ["", naming.prefix].contains(prefix)
      ? nil : "the encoder's tensors are those whose names begin with '\(prefix)'"
  }

  /// The current name of a tensor, as transformers maps old ones and those of other implementations.
  private static func current(_ name: String, _ naming: WeightNaming) -> String {
    for (old, new) in naming.renamedEndings where name.hasSuffix(old) {
      return name.dropLast(old.count) + new
    }
    return naming.renamedModules.reduce(name) { $0.replacing(module: $1.stored, with: $1.own) }
  }

  /// The current names of the parameters that a tensor holds one after the other; nil for a tensor of
  /// one parameter.
  private static func parts(_ name: String, _ naming: WeightNaming) -> [String]? {
    for (stored, parts) in naming.joinedModules {
      let names = parts.map { name.replacing(module: stored, with: $0) }
      if names.first != name { return names }
    }
    return nil
  }

  /// The share of its tensor that a parameter is; nil if it is all of it.
  func share(of parameter: String) -> Share? {
    let isOwn = parameter.hasPrefix(naming.prefix)
    return shares[isOwn ? prefix + parameter.dropFirst(naming.prefix.count) : parameter]
  }

  /// The tensor that holds a parameter, or nil if the file has none. Heads may be stored at the
  /// level of the encoder's prefix or above it.
  func tensor(for parameter: String) -> String? {
    guard parameter.hasPrefix(naming.prefix) else { return inAncestors(parameter) }
    let bare = String(parameter.dropFirst(naming.prefix.count))
    return isOfEncoder(bare, below: "") ? stored[prefix + bare] : inAncestors(bare)
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

  /// Whether a tensor is one of the encoder's layers or embeddings, or has a name that only these
  /// have.
  func isOfEncoder(_ tensor: String) -> Bool {
    isOfEncoder(tensor, below: prefix)
      || !naming.prefix.isEmpty && prefix.hasSuffix(naming.prefix) && tensor.hasPrefix(prefix)
  }

  private func isOfEncoder(_ tensor: String, below prefix: String) -> Bool {
    naming.encoderParts.contains { tensor.hasPrefix(prefix + $0) }
  }

  /// Whether the program needs no such tensor: position indices that files store needlessly, and
  /// parts that do not affect a score.
  func isUnused(_ tensor: String) -> Bool {
    naming.buffers.contains { tensor.hasSuffix($0) }
      || naming.unusedParts.contains { tensor.hasPrefix(prefix + $0) }
  }

  /// The head that a tensor beside the encoder belongs to: `cls`, `qa_outputs`.
  func head(of tensor: String) -> String {
    let outer =
      prefix.hasSuffix(naming.prefix) ? prefix.dropLast(naming.prefix.count) : prefix[...]
    let bare = tensor.hasPrefix(outer) ? tensor.dropFirst(outer.count) : tensor[...]
    return String(outer) + (bare.split(separator: ".").first.map(String.init) ?? String(bare))
  }

  /// The names in the file with the prefix of a missing parameter's module, such as `weight_g` and
  /// `weight_v` instead of `weight`.
  func inPlace(of parameter: String) -> [String] {
    let isOwn = parameter.hasPrefix(naming.prefix)
    let name = isOwn ? prefix + parameter.dropFirst(naming.prefix.count) : parameter
    let module = name.split(separator: ".").dropLast().joined(separator: ".")
    guard !module.isEmpty else { return [] }
    return stored.values.filter { $0.hasPrefix(module + ".") }.sorted()
  }
}

extension String {
  /// The name with the components `module`, separated by points, replaced by others.
  fileprivate func replacing(module: String, with other: String) -> String {
    let bounded = ("." + self).replacing(".\(module).", with: ".\(other).")
    return String(bounded.dropFirst())
  }
}
