import Models

/// Pooling and the score head, in 32 bits in every precision: they cost little, and rounded scores
/// would tie.
extension ONNXCrossEncoder {
  /// The representation of each sequence, `[batch, 1, hidden]`, computed from those of its tokens
  /// `[batch, length, hidden]`; with first-token pooling `x` already is `[batch, 1, hidden]`.
  mutating func pooled(_ x: Value, _ mask: Value, _ padding: Value) -> Value {
    switch blueprint.pooling {
    case .first: return x
    case .last: return average(x, by: lastTokens(mask))
    case .mean:
      let tokens = tokenNumbers(mask)
      let count = graph.add(
        "ReduceSum", [tokens, graph.wholes([-1])], as: "pooling.count", [.whole("keepdims", 1)])
      return average(x, by: graph.add("Div", [tokens, count], as: "pooling.shares"))
    case .max:
      // The values of padding are set below those of every token.
      let columns = graph.add(
        "Transpose", [x], as: "pooling.columns", [.wholes("perm", [0, 2, 1])])
      let bias = graph.add("Squeeze", [padding, graph.wholes([1])], as: "pooling.padding")
      let tokens = graph.add("Add", [columns, bias], as: "pooling.tokens")
      let most = graph.add(
        "ReduceMax", [tokens], as: "pooling.most",
        [.wholes("axes", [-1]), .whole("keepdims", 1)])
      return graph.add("Transpose", [most], as: "pooling.result", [.wholes("perm", [0, 2, 1])])
    }
  }

  /// The sum of the tokens' representations, weighted by `shares` `[batch, length]`.
  private mutating func average(_ x: Value, by shares: Value) -> Value {
    let row = graph.add("Unsqueeze", [shares, graph.wholes([1])], as: "pooling.row")
    return graph.add("MatMul", [row, x], as: "pooling.result")
  }

  /// 1 for tokens and 0 for padding, `[batch, length]`.
  private mutating func tokenNumbers(_ mask: Value) -> Value {
    cast(mask, to: .float, as: "pooling.mask")
  }

  /// 1 for the last token of each sequence and 0 for all others, `[batch, length]`, for padding on
  /// either side.
  private mutating func lastTokens(_ mask: Value) -> Value {
    func number(_ value: Float) -> Value { graph.number(value, .float) }
    let tokens = tokenNumbers(mask)
    let places = cast(self.places(), to: .float, as: "pooling.places")
    let own = graph.add("Mul", [tokens, places], as: "pooling.own")
    let last = graph.add(
      "ReduceMax", [own], as: "pooling.last", [.wholes("axes", [-1]), .whole("keepdims", 1)])
    let distance = graph.add("Sub", [places, last], as: "pooling.distance")
    let far = graph.add("Abs", [distance], as: "pooling.far")
    let near = graph.add("Sub", [number(1), far], as: "pooling.near")
    return graph.add("Max", [near, number(0)], as: "pooling.is_last")
  }

  /// The scores of pooled sequences, `[batch, 1, 1]`.
  mutating func head(_ pooled: Value) -> Value {
    var x = pooled
    var name = ""
    for step in blueprint.head {
      switch step {
      case .dense(let layer):
        name = Self.parent(layer.name)
        x = exactLinear(x, dense(layer))
      case .tanh: x = graph.add("Tanh", [x], as: name + "activation")
      case .activation(let kind): x = activation(x, kind, name)
      case .norm(let norm): x = self.norm(x, norm)
      case .dropout: break
      }
    }
    return x
  }
}
