import Models
import Tensors

/// Disentangled attention: products of contents with relative positions.
extension ONNXCrossEncoder {
  /// The queries, keys and name of one attention.
  struct Contents {
    /// Scaled queries `[batch, heads, queries, width]`.
    let queries: Value
    /// Keys `[batch, heads, width, length]`.
    let keys: Value
    /// The prefix of the names of its values.
    let name: String
  }

  /// Scores `[batch, heads, queries, length]` with the products of `contents` with relative
  /// positions added to them.
  mutating func addingPositions(
    _ parts: DisentangledBlueprint, _ attention: AttentionBlueprint, to scores: Value,
    _ contents: Contents, isFirst: Bool
  ) -> Value {
    let name = contents.name
    let layers = projections(of: attention)
    let shape = graph.add("Shape", [scores], as: name + "scores.shape", type: .int64)
    var scores = scores
    if let keys = parts.keys {
      let table = places(parts, keys, own: layers.key, attention, scale: 1, name + "position_keys")
      let products = float(
        graph.add("MatMul", [operand(contents.queries), table], as: name + "c2p"),
        as: name + "c2p.f32")
      let found = graph.add(
        "GatherElements",
        [
          products,
          graph.add(
            "Expand", [placeNumbers(parts, isFirst: isFirst), shape], as: name + "c2p.places"),
        ], as: name + "c2p.found", [.whole("axis", 3)])
      scores = graph.add("Add", [scores, found], as: name + "c2p.scores")
    }
    if let queries = parts.queries {
      // Queries are scaled, and keys are not.
      let table = places(
        parts, queries, own: layers.query, attention, scale: attention.scale,
        name + "position_queries")
      let keys = graph.add(
        "Transpose", [contents.keys], as: name + "key.rows", [.wholes("perm", [0, 1, 3, 2])])
      let products = float(
        graph.add("MatMul", [operand(keys), table], as: name + "p2c"), as: name + "p2c.f32")
      let numbers = graph.add(
        "Transpose", [placeNumbers(parts, isFirst: isFirst)], as: name + "p2c.numbers",
        [.wholes("perm", [1, 0])])
      let turned = graph.add(
        "Gather", [shape, graph.wholes([0, 1, 3, 2])], as: name + "p2c.shape", [.whole("axis", 0)])
      let found = graph.add(
        "GatherElements",
        [products, graph.add("Expand", [numbers, turned], as: name + "p2c.places")],
        as: name + "p2c.found", [.whole("axis", 3)])
      let addend = graph.add(
        "Transpose", [found], as: name + "p2c.addend", [.wholes("perm", [0, 1, 3, 2])])
      scores = graph.add("Add", [scores, addend], as: name + "p2c.scores")
    }
    return scores
  }

  /// The row of the table of positions for each query and key, `[queries, keys]`.
  private mutating func placeNumbers(_ parts: DisentangledBlueprint, isFirst: Bool) -> Value {
    let name = parts.table.name
    let all = once(name + ".numbers") { encoder in
      let (places, rows) = encoder.rows(of: parts)
      let reach = encoder.blueprint.maximumPositions - 1
      let bytes = (-reach...reach).flatMap { distance in
        let row = Int64(places.place(of: distance) - rows.lowerBound)
        return (0..<8).map { UInt8(truncatingIfNeeded: row >> (8 * Int64($0))) }
      }
      let table = encoder.graph.weight(
        ONNXWeight(name + ".by_distance", .int64, [2 * reach + 1], bytes: bytes))
      // Distances are those of keys from queries, the table's those of queries from keys.
      let distances = encoder.distances()
      let index = encoder.graph.add(
        "Sub", [encoder.graph.whole(reach), distances], as: name + ".distances")
      return encoder.graph.add(
        "Gather", [table, index], as: name + ".numbers", [.whole("axis", 0)], type: .int64)
    }
    guard isFirst else { return all }
    return once(name + ".numbers.first_query") { encoder in
      encoder.graph.add(
        "Slice",
        [all, encoder.graph.wholes([0]), encoder.graph.wholes([1]), encoder.graph.wholes([0])],
        as: name + ".numbers.first_query")
    }
  }

  /// The rows of the table that sequences of any length need.
  private func rows(of parts: DisentangledBlueprint) -> (places: RelativePlaces, Range<Int>) {
    let places = RelativePlaces(
      span: parts.span, maximumDistance: parts.maximumDistance,
      positions: blueprint.maximumPositions)
    return (places, places.places(ofLength: blueprint.maximumPositions))
  }

  /// Keys or queries of positions, which depend on weights alone: `[heads, width, rows]`.
  private mutating func places(
    _ parts: DisentangledBlueprint, _ projection: DisentangledBlueprint.Projection, own: Dense,
    _ attention: AttentionBlueprint, scale: Float, _ name: String
  ) -> Value {
    let layer: Dense =
      switch projection {
      case .shared: own
      case .separate(let dense): self.dense(dense)
      }
    let range = rows(of: parts).1
    let table = normedRows(of: parts, range)
    let result = Storage(count: range.count * layer.outputs)
    withExtendedLifetime(table) {
      Matrix.multiply(
        Matrix(table.floats, rows: range.count, columns: layer.inputs),
        Matrix(layer.weight, rows: layer.outputs, columns: layer.inputs).transposed,
        into: Matrix(result.floats, rows: range.count, columns: layer.outputs), adding: false,
        bias: layer.bias, on: nil)
    }
    var values: [Float] = []
    values.reserveCapacity(range.count * layer.outputs)
    for column in 0..<layer.outputs {
      for row in 0..<range.count {
        values.append(scale * result.floats[row * layer.outputs + column])
      }
    }
    return graph.weight(
      ONNXWeight(name, type, [attention.heads, attention.headWidth, range.count], values: values))
  }

  /// Rows of the table of positions after its norm.
  private func normedRows(of parts: DisentangledBlueprint, _ range: Range<Int>) -> Storage {
    let (values, shape) = parameter(parts.table.name + ".weight")
    let width = shape[1]
    let rows = values[range.lowerBound * width..<range.upperBound * width]
    let result = Storage(count: rows.count)
    guard let norm = parts.norm else {
      result.floats.copy(from: rows)
      return result
    }
    let weights = NormWeights(
      norm.kind, gamma: self.values(norm.name + ".weight"),
      beta: norm.hasBias ? self.values(norm.name + ".bias") : nil, epsilon: norm.epsilon)
    let statistics = Storage(count: 2 * range.count)
    RowKernels.norm(rows, weights, into: result.floats, statistics: statistics.floats)
    return result
  }
}
