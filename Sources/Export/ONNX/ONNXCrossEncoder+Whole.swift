import Autodiff
import Tensors

/// Linear layers in 8 bits: weights have a scale for each output, symmetric, and every token has a
/// scale of its own, so that a pair's score is the same whatever is scored beside it.
///
/// `DynamicQuantizeLinear`, with which others do this, has one scale for a whole call: one outlier
/// makes all tokens coarse.
extension ONNXCrossEncoder {
  /// Rounded activations: what they are multiplied by to be numbers again, and where 0 is.
  struct WholeRows {
    let values: Value
    let scale: Value
    /// The number that stands for what lies in the middle; nil where `least` is 0 of the numbers.
    let middle: Value?
    let least: Float
  }

  /// A linear layer of `[…, in]` to `[…, out]`, whose result is in 32 bits.
  ///
  /// - Parameter least: what no activation is below, where that is known: the 8 bits then reach from
  ///   there to the largest of a token, and what `least` adds to every product is part of the bias.
  mutating func wholeLinear(_ x: Value, _ name: String, least: Float? = nil) -> Value {
    let (values, shape) = parameter(name + ".weight")
    let scales = ONNXWeight.scales(of: values, columns: shape[1])
    let weight = graph.weight(
      ONNXWeight(
        name + ".weight.int8", quantizing: values, scales: scales, transposing: shape[1],
        to: shape[0]))
    let scale = graph.weight(
      ONNXWeight(name + ".weight.scale", .float, [scales.count], values: scales))
    let rows = wholeRows(x, least: least)
    let sums = graph.add(
      "MatMulInteger", [rows.values, weight] + (rows.middle.map { [$0] } ?? []),
      as: name + ".sums", type: .int32)
    // One after the other: ONNX Runtime takes a product of both for scales of a whole call, and makes
    // something else of it.
    let numbers = graph.add(
      "Mul", [cast(sums, to: .float, as: name + ".sums.f32"), scale], as: name + ".sums.scaled")
    let result = graph.add("Mul", [numbers, rows.scale], as: name + ".product")
    let (biases, extents) = parameter(name + ".bias")
    let bias = graph.weight(
      rows.least == 0
        ? ONNXWeight(name + ".bias", .float, biases, extents)
        : ONNXWeight(
          name + ".bias.with_least", .float, extents,
          values: shifted(biases, by: rows.least, values, scales, columns: shape[1])))
    return graph.add("Add", [result, bias], as: name + ".result")
  }

  /// Each token's activations in 8 bits, `x / scale + zero` with half a step so that cutting off
  /// rounds.
  private mutating func wholeRows(_ x: Value, least: Float?) -> WholeRows {
    if let done = rounded[x] { return done }
    let name = x.name + ".rounded"
    func number(_ value: Float) -> Value { graph.number(value, .float) }
    let rows: [ONNXGraph.Attribute] = [.wholes("axes", [-1]), .whole("keepdims", 1)]
    let most = graph.add("ReduceMax", [x], as: name + ".most", rows)
    let steps: Float
    let span: Value
    if let least {
      steps = 255
      span = graph.add("Sub", [most, number(least)], as: name + ".from_least")
    } else {
      steps = 127
      let bottom = graph.add("ReduceMin", [x], as: name + ".bottom", rows)
      let opposite = graph.add("Neg", [bottom], as: name + ".opposite")
      span = graph.add("Max", [most, opposite], as: name + ".farthest")
    }
    // A token without any activation has a scale as well.
    let reach = graph.add("Max", [span, number(1e-20)], as: name + ".reach")
    let scale = graph.add("Div", [reach, number(steps)], as: name + ".scale")
    let factor = graph.add("Div", [number(steps), reach], as: name + ".factor")
    let zero: Value
    if let least, least != 0 {
      let start = graph.add("Mul", [factor, number(-least)], as: name + ".start")
      zero = graph.add("Add", [start, number(0.5)], as: name + ".zero")
    } else {
      zero = number(least == nil ? 128.5 : 0.5)
    }
    let scaled = graph.add("Mul", [x, factor], as: name + ".scaled")
    let moved = graph.add("Add", [scaled, zero], as: name + ".moved")
    let result = WholeRows(
      values: cast(moved, to: .uint8, as: name + ".values"), scale: scale,
      middle: least == nil ? graph.byte(128) : nil, least: least ?? 0)
    rounded[x] = result
    return result
  }

  /// The biases, and what activations that are all `least` give with the rounded weights.
  private func shifted(
    _ biases: Floats, by least: Float, _ weights: Floats, _ scales: [Float], columns: Int
  ) -> [Float] {
    weights.withSpan { span in
      scales.indices.map { row in
        var sum = 0
        for i in row * columns..<(row + 1) * columns {
          sum += Int(ONNXWeight.quantized(span[i], scales[row]))
        }
        return biases[row] + least * scales[row] * Float(sum)
      }
    }
  }
}
