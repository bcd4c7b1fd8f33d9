import Models
import Tensors

/// Dense layers and norms.
extension ONNXCrossEncoder {
  /// The weights of a dense layer, or a range of its rows.
  struct Dense {
    /// The name of the layer; the names of weight and bias derive from it.
    let name: String
    /// `[outputs, inputs]`.
    let weight: Floats
    /// `[outputs]`; nil for none.
    let bias: Floats?
    let inputs: Int
    let outputs: Int

    /// A range of the outputs as a separate layer.
    func rows(_ range: Range<Int>, as part: String) -> Dense {
      Dense(
        name: "\(name).\(part)",
        weight: weight[range.lowerBound * inputs..<range.upperBound * inputs],
        bias: bias.map { $0[range] }, inputs: inputs, outputs: range.count)
    }
  }

  /// The weights of a dense layer.
  func dense(_ layer: DenseBlueprint) -> Dense {
    Dense(
      name: layer.name, weight: values(layer.name + ".weight"),
      bias: layer.hasBias ? values(layer.name + ".bias") : nil, inputs: layer.inputs,
      outputs: layer.outputs)
  }

  /// A dense layer in the precision of the export; the result has `type`.
  ///
  /// - Parameter least: a lower bound of the values of `x`, if one is known.
  mutating func linear(_ x: Value, _ layer: Dense, least: Float? = nil) -> Value {
    precision == .int8
      ? wholeLinear(x, layer, least: least) : product(operand(x), layer, type)
  }

  /// A dense layer in 32 bits in every precision.
  mutating func exactLinear(_ x: Value, _ layer: Dense) -> Value { product(x, layer, .float) }

  private mutating func product(_ x: Value, _ layer: Dense, _ type: ONNXType) -> Value {
    let name = layer.name
    let weight = graph.weight(
      ONNXWeight(
        name + ".weight", type, transposing: layer.weight, from: layer.inputs, to: layer.outputs))
    guard let bias = layer.bias else {
      return graph.add("MatMul", [x, weight], as: name + ".product")
    }
    let addend = graph.weight(ONNXWeight(name + ".bias", type, bias, [layer.outputs]))
    let result = graph.add("MatMul", [x, weight], as: name + ".product")
    return graph.add("Add", [result, addend], as: name + ".result")
  }

  /// A norm of the rows of `x`; `x` itself if `norm` is nil.
  mutating func norm(_ x: Value, _ norm: NormBlueprint?) -> Value {
    guard let norm else { return x }
    let name = norm.name
    let gamma = norm.shift == 0 ? table(name + ".weight") : shifted(name, by: norm.shift)
    let bias = norm.hasBias ? table(name + ".bias") : nil
    switch norm.kind {
    case .layer:
      return graph.add(
        "LayerNormalization", [x, gamma] + (bias.map { [$0] } ?? []), as: name + ".result",
        [.whole("axis", -1), .number("epsilon", norm.epsilon)])
    case .rms:
      // The operator set has no RMSNormalization.
      let square = graph.add("Mul", [x, x], as: name + ".square")
      let mean = graph.add(
        "ReduceMean", [square], as: name + ".mean",
        [.wholes("axes", [-1]), .whole("keepdims", 1)])
      let shifted = graph.add(
        "Add", [mean, graph.number(norm.epsilon, .float)], as: name + ".shifted")
      let root = graph.add("Sqrt", [shifted], as: name + ".root")
      let ratio = graph.add("Div", [x, root], as: name + ".ratio")
      let scaled = graph.add("Mul", [ratio, gamma], as: name + ".scaled")
      return bias.map { graph.add("Add", [scaled, $0], as: name + ".result") } ?? scaled
    }
  }

  /// The weights of a norm that stores their differences from a number.
  private mutating func shifted(_ name: String, by shift: Float) -> Value {
    let (values, shape) = parameter(name + ".weight")
    return graph.weight(
      ONNXWeight(name + ".weight.shifted", .float, shape, values: values.array.map { $0 + shift }))
  }

  /// A parameter that stays in 32 bits.
  mutating func table(_ name: String) -> Value {
    let (values, shape) = parameter(name)
    return graph.weight(ONNXWeight(name, .float, values, shape))
  }

  func values(_ name: String) -> Floats { parameter(name).values }

  func parameter(_ name: String) -> (values: Floats, shape: [Int]) {
    guard let parameter = parameters.table[name] else {
      preconditionFailure("a cross-encoder without '\(name)'")
    }
    return (parameters[parameter], parameter.shape.array)
  }
}
