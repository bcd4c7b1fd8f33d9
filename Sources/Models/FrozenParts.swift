/// The parts of an encoder that training leaves as they are.
///
/// Whatever is frozen from the bottom up without a gap also needs no backward pass, and nothing of
/// it is kept for one.
public struct FrozenParts: Sendable, Equatable {
  /// Whether words, positions and types stay as they are.
  public var embeddings: Bool
  /// The layers that stay as they are, from 0.
  public var layers: Set<Int>

  /// Parts; none unless said otherwise.
  public init(embeddings: Bool = false, layers: Set<Int> = []) {
    self.embeddings = embeddings
    self.layers = layers
  }

  /// The whole of an encoder with so many layers.
  package static func all(layers: Int) -> FrozenParts {
    FrozenParts(embeddings: true, layers: Set(0..<layers))
  }

  /// How many layers above the embeddings, themselves frozen, are frozen without a gap; nil where
  /// the embeddings are trained.
  var bottomLayers: Int? {
    guard embeddings else { return nil }
    var count = 0
    while layers.contains(count) { count += 1 }
    return count
  }

  /// Whether a parameter of this name belongs to a frozen part. What layers share is frozen where all
  /// of them are.
  package func contains(_ name: String, of blueprint: Blueprint) -> Bool {
    let projection = blueprint.embeddings.projection.map { $0.name + "." }
    let isBelowLayers = [blueprint.embeddings.name, projection].contains { part in
      part.map { name.hasPrefix($0) } ?? false
    }
    if isBelowLayers { return embeddings }
    let owners = blueprint.layers.indices.filter { blueprint.layers[$0].owns(name) }
    return !owners.isEmpty && owners.allSatisfy(layers.contains)
  }
}

extension LayerBlueprint {
  /// Whether a parameter of this name is the layer's, alone or with others.
  fileprivate func owns(_ parameter: String) -> Bool {
    if case .relative(let table, _, _, _) = attention.positions, parameter == table + ".weight" {
      return true
    }
    return parameter.hasPrefix(name)
  }
}
