import Autodiff
import Diagnostics
import Models
import Tensors

/// A cross-encoder as an ONNX graph: `input_ids`, `attention_mask` and `token_type_ids`
/// `[batch, length]` to `logits` `[batch, 1]`.
///
/// What stays in 32 bits in every precision: the sums of residuals, LayerNorm, softmax and the
/// score head. In f16, the operands of products and what lies between them are f16. In int8, the
/// linear layers are computed in 8 bits.
struct ONNXCrossEncoder {
  typealias Value = ONNXGraph.Value

  let configuration: EncoderConfiguration
  let parameters: Parameters
  let precision: ExportPrecision
  /// Whether token types are an input; if not, all are 0.
  let takesTokenTypes: Bool
  var graph = ONNXGraph()
  /// What has been computed of a value already, for the products that share it.
  private var halved: [Value: Value] = [:]
  var rounded: [Value: WholeRows] = [:]

  init(_ model: CrossEncoder, precision: ExportPrecision, takesTokenTypes: Bool) {
    configuration = model.configuration
    parameters = model.parameters
    self.precision = precision
    self.takesTokenTypes = takesTokenTypes
  }

  /// The type of what products are computed of.
  private var type: ONNXType { precision == .f16 ? .float16 : .float }

  /// The graph.
  static func graph(
    of model: CrossEncoder, precision: ExportPrecision, takesTokenTypes: Bool
  ) -> ONNXGraph {
    var encoder = ONNXCrossEncoder(model, precision: precision, takesTokenTypes: takesTokenTypes)
    encoder.build()
    return encoder.graph
  }

  private mutating func build() {
    let extents: [ONNXGraph.Extent] = [.named("batch"), .named("length")]
    let ids = graph.input("input_ids", .int64, extents)
    let mask = graph.input("attention_mask", .int64, extents)
    let types = takesTokenTypes ? graph.input("token_type_ids", .int64, extents) : nil
    let bias = attentionBias(mask)
    var x = embeddings(ids, types)
    for layer in 0..<configuration.layers {
      x = self.layer(layer, x, bias, isLast: layer == configuration.layers - 1)
    }
    let pooled = graph.add(
      "Tanh", [exactLinear(x, "bert.pooler.dense")], as: "bert.pooler.activation")
    let scores = exactLinear(pooled, "classifier")
    let logits = graph.add("Squeeze", [scores, graph.wholes([1])], as: "logits")
    graph.output(logits, [.named("batch"), .fixed(1)])
  }

  // MARK: Inputs

  /// What is added to attention's scores, `[batch, 1, 1, length]`: 0 for tokens, and for padding a
  /// number whose exponential is 0 and which f16 can hold, should somebody convert the graph.
  private mutating func attentionBias(_ mask: Value) -> Value {
    let wide = graph.add(
      "Unsqueeze", [mask, graph.wholes([1, 2])], as: "attention_mask.unsqueezed")
    let numbers = cast(wide, to: .float, as: "attention_mask.f32")
    let padding = graph.add(
      "Sub", [graph.number(1, .float), numbers], as: "attention_mask.padding")
    return graph.add(
      "Mul", [padding, graph.number(-10_000, .float)], as: "attention_mask.bias")
  }

  private mutating func embeddings(_ ids: Value, _ types: Value?) -> Value {
    let name = "bert.embeddings."
    let words = rows(of: name + "word_embeddings", at: ids)
    let shape = graph.add("Shape", [ids], as: "input_ids.shape", type: .int64)
    let length = graph.add(
      "Gather", [shape, graph.wholes([1])], as: "input_ids.length", [.whole("axis", 0)])
    let table = small(name + "position_embeddings.weight")
    let positions = graph.add(
      "Slice", [table, graph.wholes([0]), length, graph.wholes([0])],
      as: name + "position_embeddings.rows")
    let typeTable = small(name + "token_type_embeddings.weight")
    let typeRows = graph.add(
      "Gather", [typeTable, types ?? graph.wholes([0])], as: name + "token_type_embeddings.rows",
      [.whole("axis", 0)])
    let typed = graph.add("Add", [words, typeRows], as: name + "words_and_types")
    let sum = graph.add("Add", [typed, positions], as: name + "sum")
    return norm(sum, name + "LayerNorm")
  }

  /// The rows of the table of words, in 32 bits.
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

  // MARK: Layers

  private mutating func layer(
    _ number: Int, _ x: Value, _ bias: Value, isLast: Bool
  ) -> Value {
    let name = "bert.encoder.layer.\(number)."
    // The score looks at the first token alone, so of the last layer only that is computed.
    let queries =
      isLast
      ? graph.add(
        "Slice", [x, graph.wholes([0]), graph.wholes([1]), graph.wholes([1])],
        as: name + "first_token")
      : x
    let context = attention(queries, x, bias, name + "attention.self.")
    let attended = float(
      linear(context, name + "attention.output.dense"), as: name + "attention.output.f32")
    let middle = norm(
      graph.add("Add", [attended, queries], as: name + "attention.output.residual"),
      name + "attention.output.LayerNorm")
    let up = activation(linear(middle, name + "intermediate.dense"), name + "intermediate.")
    let down = float(
      linear(up, name + "output.dense", least: leastActivation), as: name + "output.f32")
    return norm(
      graph.add("Add", [down, middle], as: name + "output.residual"), name + "output.LayerNorm")
  }

  private mutating func attention(
    _ queries: Value, _ x: Value, _ bias: Value, _ name: String
  ) -> Value {
    let (heads, width) = (configuration.heads, configuration.hiddenSize)
    let shape = graph.wholes([0, 0, heads, width / heads])
    // Scaled before the product, which keeps f16 in its range.
    let scale = graph.number(1 / Float(width / heads).squareRoot(), type)
    let scaled = graph.add("Mul", [linear(queries, name + "query"), scale], as: name + "scaled")
    let q = split(scaled, shape, [0, 2, 1, 3], name + "query.heads")
    let k = split(linear(x, name + "key"), shape, [0, 2, 3, 1], name + "key.heads")
    let v = split(linear(x, name + "value"), shape, [0, 2, 1, 3], name + "value.heads")
    let products = float(
      graph.add("MatMul", [q, k], as: name + "products"), as: name + "products.f32")
    let masked = graph.add("Add", [products, bias], as: name + "scores")
    let shares = graph.add("Softmax", [masked], as: name + "shares", [.whole("axis", -1)])
    let sums = graph.add("MatMul", [operand(shares), v], as: name + "sums")
    let turned = graph.add(
      "Transpose", [sums], as: name + "sums.tokens", [.wholes("perm", [0, 2, 1, 3])])
    return graph.add("Reshape", [turned, graph.wholes([0, 0, width])], as: name + "context")
  }

  private mutating func split(
    _ x: Value, _ shape: Value, _ order: [Int], _ name: String
  ) -> Value {
    let parts = graph.add("Reshape", [x, shape], as: name + ".parts")
    return graph.add("Transpose", [parts], as: name, [.wholes("perm", order)])
  }

  /// What no activation is below: GELU has its least value, -0.16997 or -0.17004 by tanh, near -0.75,
  /// SiLU -0.27846 near -1.28.
  private var leastActivation: Float {
    switch configuration.activation {
    case .relu: 0
    case .gelu, .geluTanh: -0.171
    case .silu: -0.279
    }
  }

  private mutating func activation(_ u: Value, _ name: String) -> Value {
    func number(_ value: Float) -> Value { graph.number(value, type) }
    switch configuration.activation {
    case .relu: return graph.add("Relu", [u], as: name + "activation")
    case .silu:
      let sigmoid = graph.add("Sigmoid", [u], as: name + "sigmoid")
      return graph.add("Mul", [u, sigmoid], as: name + "activation")
    case .gelu:
      let ratio = graph.add("Div", [u, number(Float(2).squareRoot())], as: name + "ratio")
      let error = graph.add("Erf", [ratio], as: name + "erf")
      let above = graph.add("Add", [error, number(1)], as: name + "erf_and_1")
      let double = graph.add("Mul", [u, above], as: name + "doubled")
      return graph.add("Mul", [double, number(0.5)], as: name + "activation")
    case .geluTanh:
      // √(2/π)·u·(1 + 0.044715·u²) in an order that f16 can hold.
      let square = graph.add("Mul", [u, u], as: name + "square")
      let part = graph.add("Mul", [square, number(0.044715)], as: name + "square_part")
      let factor = graph.add("Add", [part, number(1)], as: name + "factor")
      let scaled = graph.add("Mul", [u, number((2 / Float.pi).squareRoot())], as: name + "scaled")
      let argument = graph.add("Mul", [scaled, factor], as: name + "argument")
      let tanh = graph.add("Tanh", [argument], as: name + "tanh")
      let above = graph.add("Add", [tanh, number(1)], as: name + "tanh_and_1")
      let double = graph.add("Mul", [u, above], as: name + "doubled")
      return graph.add("Mul", [double, number(0.5)], as: name + "activation")
    }
  }

  // MARK: Products and norms

  /// A linear layer in the precision of the export; the result is of `type`. `least` is what no number
  /// of `x` is below, where that is known.
  private mutating func linear(_ x: Value, _ name: String, least: Float? = nil) -> Value {
    precision == .int8
      ? wholeLinear(x, name, least: least) : product(operand(x), name, type)
  }

  /// A linear layer in 32 bits, whatever the precision.
  private mutating func exactLinear(_ x: Value, _ name: String) -> Value {
    product(x, name, .float)
  }

  private mutating func product(_ x: Value, _ name: String, _ type: ONNXType) -> Value {
    let (values, shape) = parameter(name + ".weight")
    let weight = graph.weight(
      ONNXWeight(name + ".weight", type, transposing: values, from: shape[1], to: shape[0]))
    let (bias, extents) = parameter(name + ".bias")
    let addend = graph.weight(ONNXWeight(name + ".bias", type, bias, extents))
    let result = graph.add("MatMul", [x, weight], as: name + ".product")
    return graph.add("Add", [result, addend], as: name + ".result")
  }

  private mutating func norm(_ x: Value, _ name: String) -> Value {
    graph.add(
      "LayerNormalization", [x, small(name + ".weight"), small(name + ".bias")],
      as: name + ".result",
      [.whole("axis", -1), .number("epsilon", configuration.layerNormEpsilon)])
  }

  // MARK: Types

  mutating func cast(_ x: Value, to type: ONNXType, as name: String) -> Value {
    graph.add("Cast", [x], as: name, [.whole("to", type.rawValue)], type: type)
  }

  /// What may be f16, in 32 bits.
  private mutating func float(_ x: Value, as name: String) -> Value {
    x.type == .float16 ? cast(x, to: .float, as: name) : x
  }

  /// What may be in 32 bits, as an operand of products of `type`.
  private mutating func operand(_ x: Value) -> Value {
    if x.type == type { return x }
    if let done = halved[x] { return done }
    let result = cast(x, to: type, as: x.name + ".f16")
    halved[x] = result
    return result
  }

  // MARK: Parameters

  /// A small parameter that stays in 32 bits.
  private mutating func small(_ name: String) -> Value {
    let (values, shape) = parameter(name)
    return graph.weight(ONNXWeight(name, .float, values, shape))
  }

  func parameter(_ name: String) -> (values: Floats, shape: [Int]) {
    guard let parameter = parameters.table[name] else {
      preconditionFailure("a cross-encoder without '\(name)'")
    }
    return (parameters[parameter], parameter.shape.array)
  }
}
