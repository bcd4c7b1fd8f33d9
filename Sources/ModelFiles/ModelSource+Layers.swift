public import Diagnostics
import JSON
import Models

extension ModelSource {
  /// The same model with some of its encoder's layers alone, numbered again from 0: the beginning of a
  /// smaller one. Embeddings, norms and head stay, and so does the decoder of a T5. The configuration
  /// says what the smaller model is, so that it is saved and read like any other.
  ///
  /// - Parameters:
  ///   - layers: the numbers of layers from 0, ascending.
  ///   - place: the place of the choice, for failures.
  /// - Throws: `badRecipe` for a layer that the model does not have, for one that would compute
  ///   something else under its new number, and for an adapter; `badData` for a configuration that
  ///   cannot be read.
  public func keeping(
    _ layers: [Int], at place: () -> Place
  ) throws(Failure) -> ModelSource {
    precondition(!layers.isEmpty && zip(layers, layers.dropFirst()).allSatisfy { $0 < $1 })
    let whole = try sidecar.architecture()
    let count = whole.blueprint.layers.count
    guard let last = layers.last, last < count else {
      throw Failure(
        .badRecipe, "there is no layer \(layers.last ?? 0) to keep", at: place(),
        expected: "layers from 0 to \(count - 1), which the base has",
        remedy: "choose some of these layers")
    }
    guard cut == nil, adapter == nil else {
      throw Failure(
        .badRecipe, "layers are kept of whole models, and the base is an adapter", at: place(),
        expected: "a whole model",
        remedy: "export the base as 'hf', which merges its adapter, and start from that")
    }
    var architecture = whole
    architecture.keep(layers: layers)
    let cut = LayerCut(whole.blueprint, keeping: layers)
    let family = type(of: whole)
    if let number = cut.difference(from: architecture.blueprint) {
      throw Failure(
        .badRecipe,
        "layer \(layers[number]) of the base would compute something else as layer \(number): in the "
          + "family \(family.name), layer \(number) is of another kind",
        at: place(), expected: "a choice that keeps layer \(number) where it is",
        remedy: "keep layer \(number) as well: \(Self.beginning(with: number, layers))")
    }
    var source = self
    source.cut = cut
    source.sidecar.files["config.json"] = try configuration(of: architecture)
    guard try source.sidecar.architecture().blueprint.layers == architecture.blueprint.layers else {
      throw Failure(
        .badRecipe, "no config.json of the family \(family.name) describes these layers",
        at: place(), expected: "layers in the pattern of the family",
        remedy: "keep layers at the distances that the pattern has")
    }
    return source
  }

  /// A choice with the first layers as they are.
  private static func beginning(with number: Int, _ layers: [Int]) -> String {
    "[" + Set(layers).union(0...number).sorted().map(String.init).joined(separator: ", ") + "]"
  }

  /// The model's `config.json` with the layers of another model of the family; everything else stays
  /// as it is to the byte.
  private func configuration(of architecture: any Architecture) throws(Failure) -> [UInt8] {
    let name = sidecar.place + "/config.json"
    var json = JSONMembers(sidecar.files["config.json"] ?? [], name: name)
    let members = architecture.exported.members
    for key in type(of: architecture).layerKeys {
      guard let value = members[key] else { continue }
      try json.set(key, to: try value.json())
    }
    return json.bytes
  }
}
