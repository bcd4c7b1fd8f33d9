import Models

/// Convolutions over tokens, in 32 bits in every precision: a model has no more than one.
extension ONNXCrossEncoder {
  /// The activation of a convolution over `x` `[batch, length, columns]`, of the same shape.
  mutating func convolution(_ parts: ConvolutionBlueprint, of x: Value) -> Value {
    let name = parts.name + "."
    // Padding counts as zeros, like the tokens beyond the ends.
    let rows = graph.add("Mul", [x, tokenColumn()], as: name + "tokens")
    let first = graph.add(
      "Slice", [rows, graph.wholes([0]), graph.wholes([1]), graph.wholes([1])], as: name + "first")
    let zero = graph.add("Mul", [first, graph.number(0, .float)], as: name + "zero")
    let reach = parts.width / 2
    let ends = [Value](repeating: zero, count: reach)
    let padded = graph.add("Concat", ends + [rows] + ends, as: name + "padded", [.whole("axis", 1)])
    let (values, shape) = parameter(name + "weight")
    var sum = table(name + "bias")
    for place in 0..<parts.width {
      let (outputs, inputs) = (shape[0], shape[1])
      var matrix: [Float] = []
      matrix.reserveCapacity(inputs * outputs)
      for input in 0..<inputs {
        for output in 0..<outputs {
          matrix.append(values[(output * inputs + input) * parts.width + place])
        }
      }
      let weight = graph.weight(
        ONNXWeight("\(name)weight.\(place)", .float, [inputs, outputs], values: matrix))
      let end = graph.add(
        "Add", [length(), graph.wholes([place])], as: "\(name)end.\(place)")
      let part = graph.add(
        "Slice", [padded, graph.wholes([place]), end, graph.wholes([1])],
        as: "\(name)rows.\(place)")
      let product = graph.add("MatMul", [part, weight], as: "\(name)product.\(place)")
      sum = graph.add("Add", [product, sum], as: "\(name)sum.\(place)")
    }
    guard let activation = parts.activation else {
      return graph.add("Tanh", [sum], as: name + "activation")
    }
    return self.activation(sum, activation, name)
  }

  /// 1 for tokens and 0 for padding, `[batch, length, 1]`.
  private mutating func tokenColumn() -> Value {
    once("attention_mask.column") { encoder in
      let mask = Value(name: "attention_mask", type: .int64)
      let numbers = encoder.cast(mask, to: .float, as: "attention_mask.numbers")
      return encoder.graph.add(
        "Unsqueeze", [numbers, encoder.graph.wholes([2])], as: "attention_mask.column")
    }
  }
}
