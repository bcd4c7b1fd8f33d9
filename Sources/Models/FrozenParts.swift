/// The parts of an encoder that training does not change.
///
/// Parts that are frozen from the bottom up without a gap need no backward pass, and the tape
/// stores nothing for them.
public struct FrozenParts: Sendable, Equatable {
  /// Whether the token, position and token type embeddings are frozen.
  public var embeddings: Bool
  /// The frozen layers, from 0.
  public var layers: Set<Int>

  /// Frozen parts; none by default.
  public init(embeddings: Bool = false, layers: Set<Int> = []) {
    self.embeddings = embeddings
    self.layers = layers
  }

  /// All parts of an encoder with the given number of layers.
  package static func all(layers: Int) -> FrozenParts {
    FrozenParts(embeddings: true, layers: Set(0..<layers))
  }

  /// The number of frozen layers directly above the frozen embeddings, without a gap; nil if the
  /// embeddings are trained.
  var bottomLayers: Int? {
    guard embeddings else { return nil }
    var count = 0
    while layers.contains(count) { count += 1 }
    return count
  }

  /// Whether the parameter of this name belongs to a frozen part. A parameter shared by several
  /// layers is frozen if all of them are.
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
  /// Whether the layer uses the parameter of this name, alone or with other layers.
  func owns(_ parameter: String) -> Bool {
    if let convolution,
      parameter.hasPrefix(convolution.name + ".")
        || parameter.hasPrefix(convolution.norm.name + ".")
    {
      return true
    }
    switch attention.positions {
    case .relative(let table, _, _, _) where parameter == table + ".weight": return true
    case .disentangled(let parts)
    where parameter == parts.table.name + ".weight"
      || parts.norm.map { parameter.hasPrefix($0.name + ".") } == true:
      return true
    default: return parameter.hasPrefix(name)
    }
  }
}
