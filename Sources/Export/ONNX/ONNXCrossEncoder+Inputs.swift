import Models
import Tensors

/// Values computed from the inputs: embeddings, positions and the addends of attention scores.
extension ONNXCrossEncoder {
  /// The addend of the score of a masked token: its exponential is 0, and f16 can express it if
  /// another program converts the graph.
  private static let masked: Float = -10_000

  // MARK: Embeddings

  /// The embeddings of the tokens, `[batch, length, hidden]`.
  mutating func embeddings(_ ids: Value, _ types: Value?) -> Value {
    let embeddings = blueprint.embeddings
    let name = Self.parent(embeddings.words.name)
    var x = rows(of: embeddings.words.name, at: ids)
    var places: Value?
    if let positions = embeddings.positions {
      _ = length()
      let table = self.table(positions.name + ".weight")
      places = firstRows(of: table, positions.name + ".rows", offset: positions.offset)
    }
    if let table = embeddings.types {
      let values = self.table(table.name + ".weight")
      let rows = graph.add(
        "Gather", [values, types ?? graph.wholes([0])], as: table.name + ".rows",
        [.whole("axis", 0)])
      x = graph.add("Add", [x, rows], as: name + "words_and_types")
    }
    if let places { x = graph.add("Add", [x, places], as: name + "sum") }
    x = norm(x, embeddings.norm)
    if let projection = embeddings.projection {
      x = float(linear(x, dense(projection)), as: projection.name + ".f32")
      x = norm(x, embeddings.projectedNorm)
    }
    guard embeddings.scale != 1 else { return x }
    return graph.add(
      "Mul", [x, graph.number(embeddings.scale, .float)],
      as: embeddings.words.name + ".scaled")
  }

  /// The rows of the token embeddings, in 32 bits.
  private mutating func rows(of name: String, at ids: Value) -> Value {
    let (values, shape) = parameter(name + ".weight")
    let axis: [ONNXGraph.Attribute] = [.whole("axis", 0)]
    guard precision == .int8 else {
      let table = graph.weight(ONNXWeight(name + ".weight", type, values, shape))
      let rows = graph.add("Gather", [table, ids], as: name + ".rows", axis)
      return float(rows, as: name + ".rows.f32")
    }
    let scales = ONNXWeight.scales(of: values, columns: shape[1])
    let table = graph.weight(
      ONNXWeight(
        name + ".weight.int8", quantizing: values, scales: scales, columns: shape[1]))
    let column = graph.weight(
      ONNXWeight(name + ".weight.scale", .float, [scales.count, 1], values: scales))
    let whole = graph.add("Gather", [table, ids], as: name + ".rows.int8", axis)
    let scale = graph.add("Gather", [column, ids], as: name + ".rows.scale", axis)
    return graph.add(
      "Mul", [cast(whole, to: .float, as: name + ".rows.f32"), scale], as: name + ".rows")
  }

  // MARK: Positions

  /// The length of the sequences of a batch, `[1]`.
  mutating func length() -> Value {
    once("length") { encoder in
      let ids = Value(name: "input_ids", type: .int64)
      let shape = encoder.graph.add("Shape", [ids], as: "input_ids.shape", type: .int64)
      return encoder.graph.add(
        "Gather", [shape, encoder.graph.wholes([1])], as: "input_ids.length", [.whole("axis", 0)])
    }
  }

  /// The rows of a table for the positions of a batch, starting at row `offset`: `[length,
  /// columns]`.
  mutating func firstRows(of table: Value, _ name: String, offset: Int = 0) -> Value {
    let length = length()
    let end =
      offset == 0
      ? length : graph.add("Add", [length, graph.wholes([offset])], as: name + ".end")
    return graph.add(
      "Slice", [table, graph.wholes([offset]), end, graph.wholes([0])], as: name)
  }

  /// The positions of the tokens as integers, `[length]`.
  mutating func places() -> Value {
    once("places") { encoder in
      let length = encoder.length()
      let count = encoder.graph.add(
        "Squeeze", [length, encoder.graph.wholes([0])], as: "input_ids.count")
      return encoder.graph.add(
        "Range", [encoder.graph.whole(0), count, encoder.graph.whole(1)], as: "input_ids.places")
    }
  }

  /// The position of a key minus that of a query, `[queries, keys]`.
  mutating func distances() -> Value {
    once("distances") { encoder in
      let places = encoder.places()
      let keys = encoder.graph.add(
        "Unsqueeze", [places, encoder.graph.wholes([0])], as: "input_ids.places.keys")
      let queries = encoder.graph.add(
        "Unsqueeze", [places, encoder.graph.wholes([1])], as: "input_ids.places.queries")
      return encoder.graph.add("Sub", [keys, queries], as: "input_ids.distances")
    }
  }

  // MARK: Scores

  /// The addend of scores for padding, `[batch, 1, 1, length]`: 0 for tokens.
  mutating func paddingBias(_ mask: Value) -> Value {
    let wide = graph.add(
      "Unsqueeze", [mask, graph.wholes([1, 2])], as: "attention_mask.unsqueezed")
    let numbers = cast(wide, to: .float, as: "attention_mask.f32")
    let padding = graph.add(
      "Sub", [graph.number(1, .float), numbers], as: "attention_mask.padding")
    return graph.add(
      "Mul", [padding, graph.number(Self.masked, .float)], as: "attention_mask.bias")
  }

  /// The addend of a layer's scores: `padding`, the tokens that its mask hides, and its bias by
  /// distance. `[batch, heads or 1, queries or 1, length]`, for the first query alone if `isFirst`.
  mutating func scoreBias(
    _ attention: AttentionBlueprint, padding: Value, isFirst: Bool
  ) -> Value {
    var bias = padding
    if let hidden = hiddenTokens(attention.mask) { bias = sum(bias, hidden) }
    if let addend = distanceBias(attention.positions) { bias = sum(bias, addend) }
    guard isFirst, bias != padding else { return bias }
    return graph.add(
      "Slice", [bias, graph.wholes([0]), graph.wholes([1]), graph.wholes([2])],
      as: bias.name + ".first_query")
  }

  /// The factors of the sequences' scores by their lengths, `[batch, 1, 1]`, in 32 bits: those of
  /// all lengths are a table.
  mutating func lengthFactors(_ scaling: LengthScaling) -> Value {
    let name = "length_factors.\(scaling.length)" + (scaling.isCapped ? ".capped" : "")
    return once(name) { encoder in
      let counts = (0...encoder.blueprint.maximumPositions).map { scaling.factor(of: $0) }
      let table = encoder.graph.weight(
        ONNXWeight(name + ".by_length", .float, [counts.count], values: counts))
      let mask = Value(name: "attention_mask", type: .int64)
      let tokens = encoder.cast(mask, to: .float, as: name + ".tokens")
      let sums = encoder.graph.add(
        "ReduceSum", [tokens, encoder.graph.wholes([-1])], as: name + ".sums",
        [.whole("keepdims", 1)])
      let lengths = encoder.cast(sums, to: .int64, as: name + ".lengths")
      let found = encoder.graph.add(
        "Gather", [table, lengths], as: name + ".found", [.whole("axis", 0)])
      return encoder.graph.add("Unsqueeze", [found, encoder.graph.wholes([2])], as: name)
    }
  }

  private mutating func sum(_ a: Value, _ b: Value) -> Value {
    let name = "\(a.name).\(b.name)"
    return once(name) { $0.graph.add("Add", [a, b], as: name) }
  }

  /// The addend of scores of tokens that a mask hides, `[queries, keys]`; nil if it hides none.
  private mutating func hiddenTokens(_ mask: AttentionMask) -> Value? {
    if mask == .full { return nil }
    let ends = [(mask.before, "before"), (mask.after, "after")].compactMap { end, name in
      end.map { "\(name)_\($0)" }
    }
    let name = "hidden." + ends.joined(separator: ".")
    return once(name) { encoder in
      func number(_ value: Int) -> Value { encoder.graph.number(Float(value), .float) }
      let distances = encoder.cast(encoder.distances(), to: .float, as: name + ".distances")
      // The number of positions by which a key is too far.
      var excess = number(0)
      if let after = mask.after {
        let far = encoder.graph.add("Sub", [distances, number(after)], as: name + ".after")
        excess = encoder.graph.add("Max", [far, excess], as: name + ".too_far_after")
      }
      if let before = mask.before {
        let opposite = encoder.graph.add("Neg", [distances], as: name + ".opposite")
        let far = encoder.graph.add("Sub", [opposite, number(before)], as: name + ".before")
        excess = encoder.graph.add("Max", [far, excess], as: name + ".too_far_before")
      }
      let share = encoder.graph.add("Min", [excess, number(1)], as: name + ".share")
      return encoder.graph.add(
        "Mul", [share, encoder.graph.number(Self.masked, .float)], as: name)
    }
  }

  /// The addend of scores by distance, `[heads, queries, keys]`; nil for none.
  private mutating func distanceBias(_ positions: AttentionBlueprint.Positions) -> Value? {
    guard
      case .relative(let parameter, let count, let most, let isBidirectional) = positions
    else { return nil }
    let name = parameter + ".bias"
    return once(name) { encoder in
      // A row for every distance, so that the graph computes no logarithms.
      let (values, shape) = encoder.parameter(parameter + ".weight")
      let heads = shape[1]
      let buckets = RelativeBuckets(
        count: count, maximumDistance: most, isBidirectional: isBidirectional)
      let rows = (-most...most).flatMap { distance in
        let row = buckets.bucket(of: distance) * heads
        return (row..<row + heads).map { values[$0] }
      }
      let table = encoder.graph.weight(
        ONNXWeight(name + ".by_distance", .float, [2 * most + 1, heads], values: rows))
      func whole(_ value: Int) -> Value { encoder.graph.whole(value) }
      let least = encoder.graph.add(
        "Max", [encoder.distances(), whole(-most)], as: name + ".least")
      let near = encoder.graph.add("Min", [least, whole(most)], as: name + ".near")
      let numbers = encoder.graph.add("Add", [near, whole(most)], as: name + ".numbers")
      let found = encoder.graph.add(
        "Gather", [table, numbers], as: name + ".rows", [.whole("axis", 0)])
      return encoder.graph.add(
        "Transpose", [found], as: name, [.wholes("perm", [2, 0, 1])])
    }
  }

  /// A value that layers share: `make` is called once, by the first of them.
  mutating func once(_ name: String, _ make: (inout Self) -> Value) -> Value {
    if let done = shared[name] { return done }
    let value = make(&self)
    shared[name] = value
    return value
  }
}
