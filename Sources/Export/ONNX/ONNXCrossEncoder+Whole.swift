import Autodiff
import Tensors

/// Dense layers in 8 bits: weights have a symmetric scale per output, and every token has its own
/// scale, so that a pair's score does not depend on the other pairs of a batch.
///
/// `DynamicQuantizeLinear`, the usual operator, has one scale per call: a single outlier makes the
/// quantization of all tokens coarse.
extension ONNXCrossEncoder {
  /// Activations in 8 bits, their scales and their zero points.
  struct WholeRows {
    let values: Value
    let scale: Value
    /// The zero point in the middle of the range; nil if the range starts at `least`.
    let middle: Value?
    let least: Float
  }

  /// A dense layer from `[…, in]` to `[…, out]`, whose result is in 32 bits.
  ///
  /// - Parameter least: a lower bound of the activations, if one is known: the 8 bits then cover
  ///   the range from it to the largest activation of a token, and the product of `least` is part
  ///   of the bias.
  ///   there to the largest activation of a token, and the product of `least` is part of the bias.
  mutating func wholeLinear(_ x: Value, _ layer: Dense, least: Float? = nil) -> Value {
    let name = layer.name
    let scales = ONNXWeight.scales(of: layer.weight, columns: layer.inputs)
    let weight = graph.weight(
      ONNXWeight(
        name + ".weight.int8", quantizing: layer.weight, scales: scales,
        transposing: layer.inputs, to: layer.outputs))
    let scale = graph.weight(
      ONNXWeight(name + ".weight.scale", .float, [scales.count], values: scales))
    let rows = wholeRows(x, least: least)
    let sums = graph.add(
      "MatMulInteger", [rows.values, weight] + (rows.middle.map { [$0] } ?? []),
      as: name + ".sums", type: .int32)
    // Two successive products: ONNX Runtime would mistake a product of both scales for the scale of
    // the whole call, and rewrite the graph to a different computation.
    let numbers = graph.add(
      "Mul", [cast(sums, to: .float, as: name + ".sums.f32"), scale], as: name + ".sums.scaled")
    let result = graph.add("Mul", [numbers, rows.scale], as: name + ".product")
    let bias: Value
    if rows.least != 0 {
      bias = graph.weight(
        ONNXWeight(
          name + ".bias.with_least", .float, [layer.outputs],
          values: shiftedBias(of: layer, with: rows.least, scales)))
    } else if let own = layer.bias {
      bias = graph.weight(ONNXWeight(name + ".bias", .float, own, [layer.outputs]))
    } else {
      return result
    }
    return graph.add("Add", [result, bias], as: name + ".result")
  }

  /// Each token's activations in 8 bits, `x / scale + zero` plus half a step, so that truncation rounds.
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
    // A token whose activations are all 0 needs a scale above 0.
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

  /// The bias, and the products of the rounded weights with activations that are all `least`.
  private func shiftedBias(of layer: Dense, with least: Float, _ scales: [Float]) -> [Float] {
    let columns = layer.inputs
    return layer.weight.withSpan { span in
      scales.indices.map { row in
        var sum = 0
        for i in row * columns..<(row + 1) * columns {
          sum += Int(ONNXWeight.quantized(span[i], scales[row]))
        }
        return (layer.bias?[row] ?? 0) + least * scales[row] * Float(sum)
      }
    }
  }
}
