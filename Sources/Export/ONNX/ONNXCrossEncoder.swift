import Autodiff
import Models
import Tensors

/// A cross-encoder as an ONNX graph: `input_ids`, `attention_mask` and, if the model has them,
/// `token_type_ids` `[batch, length]` to `logits` `[batch, 1]`.
///
/// The graph follows the model's blueprint. In every precision the sums of residuals, norms, softmax,
/// rotations and the score head stay in 32 bits. In f16, the operands of products and the values
/// between them are f16. In int8, the dense layers of the encoder are computed in 8 bits.
struct ONNXCrossEncoder {
  typealias Value = ONNXGraph.Value

  let blueprint: Blueprint
  let parameters: Parameters
  let precision: ExportPrecision
  /// Whether token types are an input; if not, all are 0.
  let takesTokenTypes: Bool
  var graph = ONNXGraph()
  /// Values rounded to f16 for the products that share them.
  private var halved: [Value: Value] = [:]
  /// Values rounded to 8 bits.
  var rounded: [Value: WholeRows] = [:]
  /// Values that layers share, by name.
  var shared: [String: Value] = [:]

  private init(
    _ blueprint: Blueprint, _ parameters: Parameters, _ precision: ExportPrecision,
    takesTokenTypes: Bool
  ) {
    self.blueprint = blueprint
    self.parameters = parameters
    self.precision = precision
    self.takesTokenTypes = takesTokenTypes
  }

  /// The type of the operands of products.
  var type: ONNXType { precision == .f16 ? .float16 : .float }

  /// The graph of a blueprint with these parameters.
  static func graph(
    of blueprint: Blueprint, _ parameters: Parameters, precision: ExportPrecision,
    takesTokenTypes: Bool
  ) -> ONNXGraph {
    var encoder = ONNXCrossEncoder(
      blueprint, parameters, precision, takesTokenTypes: takesTokenTypes)
    encoder.build()
    return encoder.graph
  }

  private mutating func build() {
    let extents: [ONNXGraph.Extent] = [.named("batch"), .named("length")]
    let ids = graph.input("input_ids", .int64, extents)
    let mask = graph.input("attention_mask", .int64, extents)
    let types = takesTokenTypes ? graph.input("token_type_ids", .int64, extents) : nil
    let padding = paddingBias(mask)
    var x = embeddings(ids, types)
    for (number, layer) in blueprint.layers.enumerated() {
      // A score that reads only the first token needs no other row of the last layer.
      let isFirst =
        number == blueprint.layers.count - 1 && blueprint.pooling == .first
        && blueprint.decoder == nil
      x = self.layer(layer, x, padding: padding, isFirst: isFirst)
    }
    if let norm = blueprint.finalNorm { x = self.norm(x, norm) }
    let row =
      blueprint.decoder.map { firstStep($0, over: x, mask, padding: padding) }
      ?? pooled(x, mask, padding)
    let logits = graph.add(
      "Squeeze", [head(row), graph.wholes([1])], as: "logits")
    graph.output(logits, [.named("batch"), .fixed(1)])
  }

  /// One layer from `x` `[batch, length, hidden]`; if `isFirst`, only the first token of each
  /// sequence is computed, `[batch, 1, hidden]`.
  private mutating func layer(
    _ layer: LayerBlueprint, _ x: Value, padding: Value, isFirst: Bool
  ) -> Value {
    let (attention, feedForward) = (layer.attention, layer.feedForward)
    let isPre = layer.normPlacement == .pre
    let (attended, fed) = (
      Self.parent(attention.output.name), Self.parent(feedForward.down.name)
    )
    let convolved = layer.convolution.map { convolution($0, of: x) }
    let input = isPre ? norm(x, attention.norm) : x
    let rows = isFirst ? firstToken(x, layer.name + "first_token") : x
    let queries =
      isPre && isFirst ? firstToken(input, layer.name + "first_input") : isPre ? input : rows
    let context = self.attention(
      attention, of: input, queries: queries, padding: padding, isFirst: isFirst)
    let mixed = norm(
      float(linear(context, dense(attention.output)), as: attended + "f32"), attention.outputNorm)
    let sum = graph.add("Add", [mixed, rows], as: attended + "residual")
    let middle = isPre ? sum : norm(sum, attention.norm)
    let down = self.feedForward(feedForward, isPre ? norm(middle, feedForward.norm) : middle)
    let result = norm(float(down, as: fed + "f32"), feedForward.outputNorm)
    let sums = graph.add("Add", [result, middle], as: fed + "residual")
    let y = isPre ? sums : norm(sums, feedForward.norm)
    guard let convolution = layer.convolution, let convolved else { return y }
    let own = isFirst ? firstToken(convolved, convolution.name + ".first_token") : convolved
    return norm(graph.add("Add", [y, own], as: convolution.name + ".joined"), convolution.norm)
  }

  mutating func firstToken(_ x: Value, _ name: String) -> Value {
    graph.add(
      "Slice", [x, graph.wholes([0]), graph.wholes([1]), graph.wholes([1])], as: name)
  }

  // MARK: Types

  mutating func cast(_ x: Value, to type: ONNXType, as name: String) -> Value {
    graph.add("Cast", [x], as: name, [.whole("to", type.rawValue)], type: type)
  }

  /// A value that may be f16, converted to 32 bits.
  mutating func float(_ x: Value, as name: String) -> Value {
    x.type == .float16 ? cast(x, to: .float, as: name) : x
  }

  /// A value that may be in 32 bits, converted to `type`, that of the operands of products.
  mutating func operand(_ x: Value) -> Value {
    if x.type == type { return x }
    if let done = halved[x] { return done }
    let result = cast(x, to: type, as: x.name + ".f16")
    halved[x] = result
    return result
  }

  // MARK: Names

  /// The name without its last component, with the dot: `a.b.` of `a.b.c`, and the empty string of
  /// `c`.
  static func parent(_ name: String) -> String {
    name.lastIndex(of: ".").map { String(name[...$0]) } ?? ""
  }
}
