package import Autodiff
package import Tensors

extension CrossEncoder {
  /// Whether the model has low-rank adapters, so that it needs the weights of its base as well.
  public var hasAdapters: Bool { !parameters.table.adapters.isEmpty }

  /// Gives a model of the base's weights what training changed: the score head, and for each adapter
  /// its product added to its weight. Both models then give the same scores, up to the rounding of
  /// these sums.
  package func merge(into base: CrossEncoder) {
    for entry in parameters.table.entries where !entry.isFixed {
      guard let own = base.parameters.table[entry.name] else { continue }
      base.parameters[own].copy(from: parameters[entry.parameter])
    }
    for adapter in parameters.table.adapters {
      guard
        let entry = parameters.table.entries.first(where: { $0.parameter == adapter.weight }),
        let weight = base.parameters.table[entry.name]
      else { preconditionFailure("the base has other weights") }
      base.parameters.add(
        parameters[adapter.up], times: parameters[adapter.down], scale: adapter.scale, to: weight)
    }
  }
}

extension Parameters {
  /// Adds `scale · B · A` to a weight `[out, in]`; B `[out, rank]`, A `[rank, in]`.
  package func add(_ up: Floats, times down: Floats, scale: Float, to weight: Parameter) {
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    let rank = down.count / max(columns, 1)
    let scaled = Storage(count: up.count)
    scaled.floats.copy(from: up)
    scaled.floats.multiply(by: scale)
    Matrix.multiply(
      Matrix(scaled.floats, rows: rows, columns: rank),
      Matrix(down, rows: rank, columns: columns),
      into: Matrix(self[weight], rows: rows, columns: columns), adding: true)
    withExtendedLifetime(scaled) {}
  }
}

extension FrozenParts {
  /// The parts of an encoder without adapters; none if it has none at all.
  init(withoutAdapters table: ParameterTable, of blueprint: Blueprint) {
    self.init()
    guard !table.adapters.isEmpty else { return }
    embeddings = true
    let names = table.entries.lazy.filter { !$0.isFixed }.map(\.name)
    layers = Set(
      blueprint.layers.indices.filter { index in
        !names.contains(where: blueprint.layers[index].owns)
      })
  }

  /// These parts and others.
  package func union(_ others: FrozenParts) -> FrozenParts {
    FrozenParts(
      embeddings: embeddings || others.embeddings, layers: layers.union(others.layers))
  }
}
