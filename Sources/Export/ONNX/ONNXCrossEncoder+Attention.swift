import Models
import Tensors

/// Self-attention.
extension ONNXCrossEncoder {
  /// Attention of the rows of `queries` to the tokens `x`: `[batch, queries, heads · headWidth]`.
  ///
  /// - Parameters:
  ///   - queries: `x` itself, or its first token if `isFirst`.
  ///   - padding: the addend of scores for padding, `[batch, 1, 1, length]`.
  mutating func attention(
    _ attention: AttentionBlueprint, of x: Value, queries: Value, padding: Value, isFirst: Bool
  ) -> Value {
    let (heads, groups, width) = (
      attention.heads, attention.keyValueHeads, attention.headWidth
    )
    let layers = projections(of: attention)
    let name = Self.parent(layers.query.name)
    let shape = graph.wholes([0, 0, heads, width])
    // Scaled before the product, which keeps f16 in its range.
    let asked = headNorm(linear(queries, layers.query), attention.queryNorm, heads, width)
    let scale = graph.number(attention.scale, asked.type)
    var scaled = graph.add("Mul", [asked, scale], as: name + "scaled")
    if let scaling = attention.lengthScaling {
      let factors = operand(lengthFactors(scaling))
      scaled = graph.add("Mul", [scaled, factors], as: name + "scaled_by_length")
    }
    var q = split(scaled, shape, [0, 2, 1, 3], name + "query.heads")
    let keys = repeated(
      headNorm(linear(x, layers.key), attention.keyNorm, groups, width), attention,
      layers.key.name)
    let keyShape = groups == heads ? shape : graph.wholes([0, 0, heads, width])
    var k: Value
    if case .rotary(let base, let scaling) = attention.positions {
      let tables = rotaryTables(base: base, scaling, width: width)
      // The first position is not rotated.
      if !isFirst { q = rotated(q, tables, width, name + "query") }
      let parts = split(keys, keyShape, [0, 2, 1, 3], name + "key.parts")
      k = graph.add(
        "Transpose", [rotated(parts, tables, width, name + "key")], as: name + "key.heads",
        [.wholes("perm", [0, 1, 3, 2])])
    } else {
      k = split(keys, keyShape, [0, 2, 3, 1], name + "key.heads")
    }
    let values = repeated(linear(x, layers.value), attention, layers.value.name)
    let v = split(values, keyShape, [0, 2, 1, 3], name + "value.heads")
    let products = float(
      graph.add("MatMul", [operand(q), operand(k)], as: name + "products"),
      as: name + "products.f32")
    var scores = products
    if case .disentangled(let parts) = attention.positions {
      scores = addingPositions(
        parts, attention, to: products, Contents(queries: q, keys: k, name: name), isFirst: isFirst)
    }
    let bias = scoreBias(attention, padding: padding, isFirst: isFirst)
    let masked = graph.add("Add", [capped(scores, attention.cap, name), bias], as: name + "scores")
    let shares = graph.add("Softmax", [masked], as: name + "shares", [.whole("axis", -1)])
    let sums = graph.add("MatMul", [operand(shares), v], as: name + "sums")
    let turned = graph.add(
      "Transpose", [sums], as: name + "sums.tokens", [.wholes("perm", [0, 2, 1, 3])])
    return graph.add(
      "Reshape", [turned, graph.wholes([0, 0, heads * width])], as: name + "context")
  }

  /// `x` `[batch, length, heads · width]` after the norm of every head, `[batch, length, heads,
  /// width]`; `x` itself if there is none.
  private mutating func headNorm(
    _ x: Value, _ norm: NormBlueprint?, _ heads: Int, _ width: Int
  ) -> Value {
    guard let norm else { return x }
    let parts = graph.add(
      "Reshape", [x, graph.wholes([0, 0, heads, width])], as: norm.name + ".heads")
    return self.norm(float(parts, as: norm.name + ".f32"), norm)
  }

  /// Scores s as cap · tanh(s / cap).
  private mutating func capped(_ scores: Value, _ cap: Float?, _ name: String) -> Value {
    guard let cap else { return scores }
    let share = graph.add(
      "Mul", [scores, graph.number(1 / cap, .float)], as: name + "shares_of_cap")
    let tanh = graph.add("Tanh", [share], as: name + "tanh")
    return graph.add("Mul", [tanh, graph.number(cap, .float)], as: name + "capped")
  }

  /// The layers of queries, keys and values.
  func projections(
    of attention: AttentionBlueprint
  ) -> (query: Dense, key: Dense, value: Dense) {
    switch attention.projection {
    case .separate(let query, let key, let value):
      return (dense(query), dense(key), dense(value))
    case .joined(let all):
      let (rows, q, kv) = (
        dense(all), attention.heads * attention.headWidth,
        attention.keyValueHeads * attention.headWidth
      )
      return (
        rows.rows(0..<q, as: "query"), rows.rows(q..<q + kv, as: "key"),
        rows.rows(q + kv..<q + 2 * kv, as: "value")
      )
    }
  }

  private mutating func split(
    _ x: Value, _ shape: Value, _ order: [Int], _ name: String
  ) -> Value {
    let parts = graph.add("Reshape", [x, shape], as: name + ".parts")
    return graph.add("Transpose", [parts], as: name, [.wholes("perm", order)])
  }

  /// Keys or values repeated for every query head: a group of query heads shares one.
  private mutating func repeated(
    _ x: Value, _ attention: AttentionBlueprint, _ name: String
  ) -> Value {
    let (heads, groups, width) = (
      attention.heads, attention.keyValueHeads, attention.headWidth
    )
    if groups == heads { return x }
    let parts = graph.add(
      "Reshape", [x, graph.wholes([0, 0, groups, 1, width])], as: name + ".groups")
    let copies = graph.add(
      "Expand", [parts, graph.wholes([1, 1, 1, heads / groups, 1])], as: name + ".copies")
    return graph.add(
      "Reshape", [copies, graph.wholes([0, 0, heads * width])], as: name + ".repeated")
  }

  // MARK: Rotary positions

  /// The cosines and sines of the angles of all positions of a batch, each `[length, width/2]`.
  private mutating func rotaryTables(
    base: Double, _ scaling: RotaryScaling, width: Int
  ) -> (cosines: Value, sines: Value) {
    let positions = blueprint.maximumPositions
    let half = width / 2
    func part(_ part: String, _ columns: Range<Int>, _ encoder: inout Self) -> Value {
      let name = "rotary.\(base)\(scaling.suffix).\(width).\(part)"
      return encoder.once(name) { encoder in
        let angles = RotaryTable(
          base: base, width: width, positions: positions, scaling: scaling)
        let values = withExtendedLifetime(angles) {
          (0..<positions).flatMap { row in
            columns.map { angles.values[row * width + $0] }
          }
        }
        let table = encoder.graph.weight(
          ONNXWeight(name, .float, [positions, half], values: values))
        return encoder.firstRows(of: table, name + ".rows")
      }
    }
    return (part("cosines", 0..<half, &self), part("sines", half..<width, &self))
  }

  /// `x` `[batch, heads, length, width]`, in 32 bits, with the two halves of each row rotated as
  /// pairs.
  private mutating func rotated(
    _ x: Value, _ tables: (cosines: Value, sines: Value), _ width: Int, _ name: String
  ) -> Value {
    let x = float(x, as: name + ".f32")
    let half = width / 2
    func slice(_ range: Range<Int>, _ part: String, _ encoder: inout Self) -> Value {
      let graph = [range.lowerBound, range.upperBound, 3].map { encoder.graph.wholes([$0]) }
      return encoder.graph.add("Slice", [x] + graph, as: "\(name).\(part)")
    }
    let left = slice(0..<half, "left", &self)
    let right = slice(half..<width, "right", &self)
    func product(_ value: Value, _ table: Value, _ part: String, _ encoder: inout Self) -> Value {
      encoder.graph.add("Mul", [value, table], as: "\(name).\(part)")
    }
    let a = product(left, tables.cosines, "left_cosine", &self)
    let b = product(right, tables.sines, "right_sine", &self)
    let c = product(right, tables.cosines, "right_cosine", &self)
    let d = product(left, tables.sines, "left_sine", &self)
    let first = graph.add("Sub", [a, b], as: name + ".rotated_left")
    let second = graph.add("Add", [c, d], as: name + ".rotated_right")
    return graph.add("Concat", [first, second], as: name + ".rotated", [.whole("axis", 3)])
  }
}

extension RotaryScaling {
  /// What distinguishes tables of this scaling in the names of a graph.
  fileprivate var suffix: String {
    switch self {
    case .none, .dynamic: ""
    case .ntk(let factor, let mix): ".ntk.\(factor)" + (mix.map { ".\($0)" } ?? "")
    case .linear(let factor): ".linear.\(factor)"
    case .llama3(let factor, let low, let high, let original):
      ".llama3.\(factor).\(low).\(high).\(original)"
    case .yarn(let yarn):
      ".yarn.\(yarn.factor).\(yarn.original).\(yarn.fast).\(yarn.slow).\(yarn.magnitude)"
    }
  }
}
