import Models
import Tensors

/// The first step of a decoder, behind the encoder in one graph.
extension ONNXCrossEncoder {
  /// The decoder's state at its first step, `[batch, 1, hidden]`, from the encoder's states `[batch,
  /// length, hidden]`. The parameters that change nothing at this step are left out.
  mutating func firstStep(
    _ decoder: FirstStepBlueprint, over states: Value, _ mask: Value, padding: Value
  ) -> Value {
    var x = firstRows(decoder, mask)
    for layer in decoder.layers {
      x = self.layer(layer, x, over: states, padding: padding)
    }
    return norm(x, decoder.finalNorm)
  }

  /// The embedding of the decoder's first token for every sequence, `[batch, 1, hidden]`.
  private mutating func firstRows(_ decoder: FirstStepBlueprint, _ mask: Value) -> Value {
    let width = blueprint.embeddings.width
    let words = values(blueprint.embeddings.words.name + ".weight")
    let name = decoder.name + "start"
    let row = graph.weight(
      ONNXWeight(
        name, .float, [1, 1, width],
        values: words[decoder.start * width..<(decoder.start + 1) * width].array))
    // A zero for every sequence, since the shape of a batch is not known.
    let tokens = graph.add(
      "Slice", [mask, graph.wholes([0]), graph.wholes([1]), graph.wholes([1])],
      as: name + ".tokens")
    let numbers = cast(tokens, to: .float, as: name + ".numbers")
    let zeros = graph.add("Mul", [numbers, graph.number(0, .float)], as: name + ".zeros")
    let column = graph.add("Unsqueeze", [zeros, graph.wholes([2])], as: name + ".column")
    return graph.add("Add", [column, row], as: name + ".rows")
  }

  private mutating func layer(
    _ layer: FirstStepBlueprint.Layer, _ x: Value, over states: Value, padding: Value
  ) -> Value {
    let (own, cross, feedForward) = (layer.selfAttention, layer.crossAttention, layer.feedForward)
    let value = linear(norm(x, own.norm), projections(of: own).value)
    let kept = sum(linear(value, dense(own.output)), x, own.output.name)
    let context = attention(
      cross, of: states, queries: norm(kept, cross.norm), padding: padding, isFirst: true)
    let told = sum(linear(context, dense(cross.output)), kept, cross.output.name)
    let fed = self.feedForward(feedForward, norm(told, feedForward.norm))
    return sum(fed, told, feedForward.down.name)
  }

  /// A sublayer's result and its input, added in 32 bits.
  private mutating func sum(_ result: Value, _ x: Value, _ name: String) -> Value {
    let name = Self.parent(name)
    return graph.add("Add", [float(result, as: name + "f32"), x], as: name + "residual")
  }
}
