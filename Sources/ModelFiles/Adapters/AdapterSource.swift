import Autodiff
import Diagnostics
import Files
import Models
import Persistence
import Tensors

/// The values of an adapter and its settings: a folder that PEFT or this program wrote, or a
/// checkpoint of training with adapters.
struct AdapterSource: Sendable {
  private enum Values: Sendable {
    case file(SafeTensors)
    case checkpoint(OpenCheckpoint)
  }

  /// The settings.
  let configuration: AdapterConfiguration
  /// The file of the settings.
  let place: String
  private let values: Values
  /// The tensors by their names in the model.
  private let tensors: [String: (stored: String, shape: [Int])]

  /// Finds the adapter in a folder; nil if there is none, or if the folder has weights of a whole
  /// model.
  ///
  /// - Throws: `missingInput` without the file of values, `badData` for malformed files and for an
  ///   adapter that is not supported.
  init?(_ folder: Folder) throws(Failure) {
    guard folder.contains(AdapterConfiguration.fileName),
      !folder.names().contains(where: { WeightFiles.areWeights($0) })
    else { return nil }
    place = folder.path(of: AdapterConfiguration.fileName)
    configuration = try AdapterConfiguration(
      json: try folder.read(AdapterConfiguration.fileName).array, name: place)
    guard folder.contains(AdapterConfiguration.weightsName) else {
      let pickled = folder.contains("adapter_model.bin")
      throw Failure(
        .missingInput, "the adapter has no '\(AdapterConfiguration.weightsName)'",
        at: Place(folder.path),
        expected: "the files that PEFT's save_pretrained writes",
        remedy: pickled
          ? "save the adapter again with safe_serialization=True" : "copy the whole folder")
    }
    let path = folder.path(of: AdapterConfiguration.weightsName)
    let file = try SafeTensors(bytes: try folder.read(AdapterConfiguration.weightsName), name: path)
    values = .file(file)
    let prefix = AdapterConfiguration.prefix
    tensors = Dictionary(
      file.tensors.map { tensor in
        let name =
          tensor.name.hasPrefix(prefix)
          ? String(tensor.name.dropFirst(prefix.count)) : tensor.name
        return (name, (tensor.name, tensor.shape))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Finds the adapter in a checkpoint; nil if it holds a whole model.
  init?(_ reader: borrowing CheckpointReader) throws(Failure) {
    let key = ModelCheckpoint.files + AdapterConfiguration.fileName
    guard reader.entry(key) != nil else { return nil }
    place = reader.path
    configuration = try AdapterConfiguration(
      json: Array(try reader.text(key).utf8), name: reader.path + key)
    values = .checkpoint(try OpenCheckpoint(reader.path))
    var tensors: [String: (stored: String, shape: [Int])] = [:]
    for entry in reader.entries where entry.path.hasPrefix(ModelCheckpoint.weights) {
      let name = String(entry.path.dropFirst(ModelCheckpoint.weights.count))
      tensors[name] = (entry.path, entry.shape)
    }
    self.tensors = tensors
  }

  /// The path of the base model: as the adapter names it, from the current folder or from that of
  /// the adapter.
  ///
  /// - Throws: `missingInput` if nothing is there.
  func basePath() throws(Failure) -> String {
    guard let name = configuration.base, !name.isEmpty else { throw missingBase("names no base") }
    if fileKind(at: name) != nil { return name }
    if !name.hasPrefix("/"), let slash = place.lastIndex(of: "/") {
      let beside = place[..<slash] + "/" + name
      if fileKind(at: String(beside)) != nil { return String(beside) }
    }
    if let hub = try hubBase(name) { return hub }
    throw missingBase("needs the base model '\(name)', which was not found")
  }

  /// The base on the hub, as PEFT names it (`org/name`) or as it is named here; nil if it cannot be
  /// one, or if nothing in this program finds models on a hub.
  private func hubBase(_ name: String) throws(Failure) -> String? {
    let hub: HubName?
    if name.hasPrefix(HubName.prefix) {
      hub = try HubName(name)
    } else {
      guard HubName.isLikely(name), fileKind(at: parent(of: name)) == nil else { return nil }
      hub = HubName(repository: name, revision: configuration.revision)
    }
    guard let hub else { return nil }
    do throws(Failure) {
      return try NamedFolder.named("\(hub)").map { _ in "\(hub)" }
    } catch {
      var failure = error
      failure.problem = "the adapter needs the base model '\(name)': \(error.problem)"
      throw failure
    }
  }

  private func missingBase(_ what: String) -> Failure {
    Failure(
      .missingInput, "the adapter \(what)",
      at: Place(place, key: "base_model_name_or_path"),
      expected: "the path of the base model, a folder or an archive, or hf:org/name",
      remedy: "write the base model's path there, from the current folder or from the adapter's")
  }

  // MARK: Values

  /// Whether the adapter has a parameter of the layer that gives the score.
  func hasHead(of blueprint: Blueprint) -> Bool {
    tensors.keys.contains { $0.hasPrefix(blueprint.classifier.name + ".") }
  }

  /// The modules with an A and a B, sorted.
  ///
  /// - Throws: `badData` for a module that the base does not have, for tensors without a counterpart
  ///   and for shapes that do not match the base's.
  func modules(
    of table: ParameterTable, _ blueprint: Blueprint
  ) throws(Failure) -> [(module: String, stored: String, rank: Int)] {
    var found: [(module: String, stored: String, rank: Int)] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      guard name.hasSuffix(Self.down) else {
        if name.contains(".lora_"), !name.hasSuffix(Self.up) {
          throw foreign(tensor.stored, "the tensor '\(tensor.stored)' is not a LoRA tensor")
        }
        if name.hasSuffix(Self.up), tensors[name.dropLast(Self.up.count) + Self.down] == nil {
          throw foreign(tensor.stored, "the tensor '\(tensor.stored)' has no lora_A beside it")
        }
        continue
      }
      let stored = String(name.dropLast(Self.down.count))
      let own = [stored, blueprint.names.prefix + stored].first { table[$0 + ".weight"] != nil }
      guard let own, let weight = table[own + ".weight"] else {
        throw foreign(tensor.stored, "the base has no '\(stored)', which the adapter changes")
      }
      guard let up = tensors[stored + Self.up] else {
        throw foreign(tensor.stored, "the tensor '\(tensor.stored)' has no lora_B beside it")
      }
      guard weight.shape.rank == 2, tensor.shape.count == 2, up.shape.count == 2,
        tensor.shape[0] > 0, up.shape == [weight.shape[0], tensor.shape[0]],
        tensor.shape[1] == weight.shape[1]
      else {
        throw foreign(
          tensor.stored,
          "lora_A \(tensor.shape) and lora_B \(up.shape) do not fit a weight \(weight.shape)")
      }
      found.append((own, stored, tensor.shape[0]))
    }
    guard !found.isEmpty else { throw foreign(nil, "it has no lora_A and lora_B") }
    return found
  }

  private func foreign(_ tensor: String?, _ problem: String) -> Failure {
    Failure(
      .badData, "the adapter does not fit its base: \(problem)", at: Place(place, key: tensor),
      expected: "an adapter of this base model",
      remedy: "name the base that it was trained on in base_model_name_or_path")
  }

  private static let down = "." + Adapter.downName
  private static let up = "." + Adapter.upName

  /// Adds the adapter's products to the weights of its base, and copies the other parameters that it
  /// has. Returns the names of these.
  ///
  /// - Throws: `badData` as `modules`, and for a base of other values than a checkpoint's.
  func merge(
    into parameters: Parameters, of table: ParameterTable, _ blueprint: Blueprint, hasHead: Bool
  ) throws(Failure) -> Set<String> {
    let modules = try modules(of: table, blueprint)
    try checkBase(parameters, table, blueprint)
    for (module, stored, rank) in modules {
      guard let weight = table[module + ".weight"] else { continue }
      let down = Storage(count: rank * weight.shape[1])
      let up = Storage(count: rank * weight.shape[0])
      try read(stored + Self.down, into: down.floats)
      try read(stored + Self.up, into: up.floats)
      parameters.add(
        up.floats, times: down.floats, scale: configuration.scale(rank: rank), to: weight)
      withExtendedLifetime((up, down)) {}
    }
    return try copyOthers(into: parameters, of: table, blueprint, hasHead: hasHead)
  }

  /// Copies the adapter's factors and its other parameters to a model that has the same adapters.
  func copy(
    into parameters: Parameters, of base: ParameterTable, _ blueprint: Blueprint
  ) throws(Failure) -> Set<String> {
    try checkBase(parameters, base, blueprint)
    for (module, stored, rank) in try modules(of: base, blueprint) {
      for ending in [Self.down, Self.up] {
        let scale = configuration.scale(rank: rank)
        guard let own = parameters.table[module + ending],
          own.shape[ending == Self.down ? 0 : 1] == rank,
          parameters.table.adapters.contains(where: {
            ($0.down == own || $0.up == own) && $0.scale == scale
          })
        else {
          throw Failure(
            .badRecipe,
            "the adapter has a rank of \(rank) and a factor of \(scale) at '\(module)', and the recipe"
              + " does not",
            at: Place(place), expected: "rank, alpha, rs and targets of the adapter to continue",
            remedy:
              "write the adapter's r, lora_alpha, use_rslora and target_modules into model.lora,"
              + " or omit model.lora to train the merged model")
        }
        try read(stored + ending, into: parameters[own])
      }
    }
    return try copyOthers(into: parameters, of: base, blueprint, hasHead: true)
  }

  private func copyOthers(
    into parameters: Parameters, of table: ParameterTable, _ blueprint: Blueprint, hasHead: Bool
  ) throws(Failure) -> Set<String> {
    var copied: Set<String> = []
    for (name, tensor) in tensors where !name.contains(".lora_") {
      let own = [name, blueprint.names.prefix + name].first { table[$0] != nil }
      guard let own, let parameter = table[own] else {
        let isOfHead = blueprint.headModules.contains { name.hasPrefix($0 + ".") }
        if isOfHead, !hasHead { continue }
        throw foreign(tensor.stored, "the base has no '\(name)', which the adapter replaces")
      }
      guard tensor.shape == parameter.shape.array else {
        let isClassifier = own.hasPrefix(blueprint.classifier.name + ".")
        throw foreign(
          tensor.stored,
          "'\(name)' has shape \(tensor.shape), the model's \(parameter.shape)"
            + (isClassifier ? "; a head of several labels gives no score" : ""))
      }
      try read(name, into: parameters[parameter])
      copied.insert(own)
    }
    return copied
  }

  private func checkBase(
    _ parameters: Parameters, _ table: ParameterTable, _ blueprint: Blueprint
  ) throws(Failure) {
    guard let wanted = configuration.baseDigest,
      wanted != parameters.digest(ofBase: table, of: blueprint)
    else { return }
    throw Failure(
      .badData, "the base model '\(configuration.base ?? "")' has other weights than at training",
      at: Place(place), expected: "weights with the SHA-256 \(wanted)",
      remedy: "restore the base model that the adapter was trained on")
  }

  private func read(_ name: String, into floats: Floats) throws(Failure) {
    guard let tensor = tensors[name] else { throw foreign(name, "'\(name)' is missing") }
    try floats.withMutableSpan { (span) throws(Failure) in
      switch values {
      case .file(let file): try file.copy(tensor.stored, into: &span, finite: true)
      case .checkpoint(let open): try open.reader.read(tensor.stored, into: &span)
      }
    }
  }
}

/// A checkpoint that stays open, since opening one verifies the checksum of the whole file.
private final class OpenCheckpoint: Sendable {
  let reader: CheckpointReader

  init(_ path: String) throws(Failure) { reader = try CheckpointReader(path) }
}

extension Parameters {
  /// The SHA-256 of the values of an encoder, by which an adapter knows its base.
  func digest(ofBase table: ParameterTable, of blueprint: Blueprint) -> String {
    let head = blueprint.headModules
    var digest = Digest()
    for entry in table.entries
    where !head.contains(where: { entry.name.hasPrefix($0 + ".") }) {
      digest.add(entry.name)
      self[entry.parameter].withSpan { digest.add($0) }
    }
    return digest.hexadecimal
  }
}
