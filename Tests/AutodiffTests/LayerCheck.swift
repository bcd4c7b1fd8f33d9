import Autodiff
import Foundation
import Tensors
import Testing

/// Compares an operation that has parameters with the same computation in double precision: its
/// values directly, and its gradients by central differences of Σ wᵢ·yᵢ of that computation.
///
/// The differences are taken in double precision with h = 1e-4, so their own error is below 1e-7;
/// what is left is the rounding of sums of up to a few hundred terms of single precision, for which
/// 2e-5 (values) and 2e-4 (gradients, summed over rows) leave room. Both are relative above 1.
struct LayerCheck {
  typealias Reference = (_ parameters: [[Double]], _ inputs: [[Double]]) -> [Double]
  typealias Graph = (_ tape: inout Tape, _ parameters: [Parameter], _ inputs: [Value]) -> Value

  private static let step = 1e-4

  /// - Parameters:
  ///   - adapters: additions to parameters; their factors are further parameters, A before B.
  ///   - samples: how many coordinates of each operand are compared, spread evenly.
  @discardableResult
  init(
    parameters: [Input], adapters: [AdapterInput] = [], inputs: [Input],
    dropout: DropoutKey? = nil, samples: Int = 40,
    reference: Reference, sourceLocation: SourceLocation = #_sourceLocation, _ graph: Graph
  ) {
    var table = ParameterTable()
    var handles = parameters.enumerated().map {
      table.add("parameter \($0.offset).weight", $0.element.shape, decays: true)
    }
    for adapter in adapters {
      let name = "parameter \(adapter.parameter)."
      table.adapt(
        name + "weight", rank: adapter.down.shape[0], scale: adapter.scale,
        dropout: adapter.dropout)
      handles += ["lora_A.weight", "lora_B.weight"].compactMap { table[name + $0] }
    }
    let parameters = parameters + adapters.flatMap { [$0.down, $0.up] }
    let store = Parameters(table)
    for (handle, input) in zip(handles, parameters) { store[handle].copy(from: input.values.span) }

    var reading = Self.poisonedTape(store, nil)
    reading.dropoutKey = dropout
    let readInputs = inputs.map { reading.constant($0.values.span, $0.shape) }
    let readValue = graph(&reading, handles, readInputs)
    let values = reading.values(of: readValue).array
    let operands = parameters.map(\.doubles)
    let given = inputs.map(\.doubles)
    compare(values, reference(operands, given), 2e-5, "value", sourceLocation)

    let gradients = Storage(count: table.count)
    var tape = Self.poisonedTape(store, gradients)
    tape.dropoutKey = dropout
    let variables = inputs.map { tape.variable($0.values.span, $0.shape) }
    let y = graph(&tape, handles, variables)
    #expect(
      tape.values(of: y).array == values, "recording changes the values",
      sourceLocation: sourceLocation)
    var random = TestRandom(state: 99)
    let weights = values.map { _ in Float.random(in: -1...1, using: &random) }
    tape.backward(from: y, gradient: weights.span)

    // A buffer that is known to be zero is overwritten, and added to from then on.
    let known = Storage(count: table.count)
    var knowing = Self.poisonedTape(store, known)
    knowing.gradientsAreZero()
    for pass in 1...2 {
      knowing.reset()
      knowing.dropoutKey = dropout
      let variables = inputs.map { knowing.variable($0.values.span, $0.shape) }
      knowing.backward(from: graph(&knowing, handles, variables), gradient: weights.span)
      if pass == 1 {
        #expect(
          known.array == gradients.array, "known zeros change the gradients",
          sourceLocation: sourceLocation)
      } else {
        compare(
          known.array, gradients.array.map { 2 * Double($0) }, 2e-5, "gradients of two passes",
          sourceLocation)
      }
    }

    func sum(_ parameters: [[Double]], _ inputs: [[Double]]) -> Double {
      zip(reference(parameters, inputs), weights).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    func check(_ found: [Float], _ what: String, _ difference: (_ i: Int, Double) -> Double) {
      let stride = max(1, found.count / samples)
      let sampled = Swift.stride(from: 0, to: found.count, by: stride)
      compare(
        sampled.map { found[$0] },
        sampled.map { i in
          (difference(i, Self.step) - difference(i, -Self.step)) / (2 * Self.step)
        }, 2e-4, "gradient of \(what), every \(stride)", sourceLocation)
    }
    for (p, handle) in handles.enumerated() {
      check(gradients.floats[handle.range].array, "parameter \(p)") { i, h in
        var changed = operands
        changed[p][i] += h
        return sum(changed, given)
      }
    }
    for (x, variable) in variables.enumerated() {
      check(tape.gradient(of: variable)?.array ?? [], "input \(x)") { i, h in
        var changed = given
        changed[x][i] += h
        return sum(operands, changed)
      }
    }
  }

  /// A tape whose memory is full of NaN, so that a value that is read before it is written shows.
  private static func poisonedTape(_ parameters: Parameters, _ gradients: Storage?) -> Tape {
    var tape = Tape(parameters, gradients: gradients)
    _ = tape.constant([Float](repeating: .nan, count: 400_000).span, Shape(400_000))
    tape.reset()
    return tape
  }
}

/// An addition to a parameter: `scale · up · down`.
struct AdapterInput {
  var parameter: Int
  var down, up: Input
  var scale: Float
  var dropout: Float
}

/// The operations of layers in double precision, as their formulas read.
enum Reference {
  /// x `[rows, in]`, weight `[out, in]`, bias `[out]`.
  static func linear(_ x: [Double], _ weight: [Double], _ bias: [Double]?, inner: Int) -> [Double] {
    let outer = weight.count / inner
    return (0..<x.count / inner).flatMap { row in
      (0..<outer).map { out in
        (0..<inner).reduce(bias?[out] ?? 0) {
          $0 + x[row * inner + $1] * weight[out * inner + $1]
        }
      }
    }
  }

  /// A norm of rows of as many columns as `gamma` has; no `beta` is 0.
  static func norm(
    _ x: [Double], _ kind: NormKind = .layer, gamma: [Double], beta: [Double]?, epsilon: Double
  ) -> [Double] {
    let width = gamma.count
    return (0..<x.count / width).flatMap { row in
      let values = x[row * width..<(row + 1) * width]
      let mean = kind == .layer ? values.reduce(0, +) / Double(width) : 0
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let scale = 1 / (square + epsilon).squareRoot()
      return values.enumerated().map { column, value in
        (value - mean) * scale * gamma[column] + (beta?[column] ?? 0)
      }
    }
  }

  static func activation(_ u: Double, _ kind: Activation) -> Double {
    switch kind {
    case .gelu: u * 0.5 * (1 + erf(u / 2.0.squareRoot()))
    case .geluTanh: 0.5 * u * (1 + tanh((2 / Double.pi).squareRoot() * (u + 0.044715 * u * u * u)))
    case .relu: max(u, 0)
    case .silu: u / (1 + exp(-u))
    }
  }

  /// softmax(q·k/√d) of each sequence and head, times the factors, times v; `[queries, heads·d]`.
  static func attention(
    queries: [Double], keys: [Double], values: [Double], queryOffsets: [Int32],
    keyOffsets: [Int32], heads: Int, head: Int,
    factors: (_ row: Int, _ head: Int, _ keys: Int) -> [Double]
  ) -> [Double] {
    let width = heads * head
    var result = [Double](repeating: 0, count: queries.count)
    for s in 0..<queryOffsets.count - 1 {
      let own = Int(keyOffsets[s])..<Int(keyOffsets[s + 1])
      for row in Int(queryOffsets[s])..<Int(queryOffsets[s + 1]) {
        for h in 0..<heads {
          let scores = own.map { key in
            var dot = 0.0
            for i in 0..<head {
              dot += queries[row * width + h * head + i] * keys[key * width + h * head + i]
            }
            return dot / Double(head).squareRoot()
          }
          let top = scores.max() ?? 0
          let powers = scores.map { exp($0 - top) }
          let total = powers.reduce(0, +)
          let kept = factors(row, h, own.count)
          for (j, key) in own.enumerated() {
            let probability = powers[j] / total * kept[j]
            for i in 0..<head {
              result[row * width + h * head + i] += probability * values[key * width + h * head + i]
            }
          }
        }
      }
    }
    return result
  }
}
