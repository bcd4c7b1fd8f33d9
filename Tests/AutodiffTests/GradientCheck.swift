import Autodiff
import Tensors
import Testing

/// Random numbers for tests: SplitMix64, so that every run sees the same.
struct TestRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The values and shape of one operand.
struct Input {
  var values: [Float]
  let shape: Shape

  init(_ values: [Float], _ shape: Shape) {
    self.values = values
    self.shape = shape
  }

  /// Values on a grid of 1/128, on which the steps of the gradient check are exact.
  static func random(
    _ shape: Shape, _ range: ClosedRange<Float> = -2...2, seed: UInt64 = 1
  ) -> Input {
    var random = TestRandom(state: seed)
    let values = (0..<shape.count).map { _ in
      (Float.random(in: range, using: &random) * 128).rounded() / 128
    }
    return Input(values, shape)
  }

  /// Values that differ by 1/4 at least, so that no step of the gradient check swaps two of them.
  static func distinct(_ shape: Shape, seed: UInt64 = 1) -> Input {
    var random = TestRandom(state: seed)
    let values = (0..<shape.count).map { Float($0 - shape.count / 2) / 4 }
    return Input(values.shuffled(using: &random), shape)
  }

  var doubles: [Double] { values.map(Double.init) }
}

/// Compares an operation's values with ones computed in double precision, and its gradients with
/// central differences of Σ wᵢ·yᵢ for random w.
///
/// The difference quotient is (8·(f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h with h = 1/64,
/// whose own error is h⁴·f⁽⁵⁾/30, below 1e-5 for the functions and ranges used. What a result's
/// rounding adds is up to 18/(12h) = 96 of its units in the last place: 1e-5 for results around 1,
/// 5e-5 around 8. So the tolerance is 5e-4, relative above 1: ten times that, and far below the
/// error of a wrong formula. The sum is taken in double precision and adds nothing.
struct GradientCheck {
  typealias Graph = (inout Tape, [Value]) -> Value

  private static let step: Float = 1.0 / 64
  private static let tolerance = 5e-4

  let inputs: [Input]
  let graph: Graph

  @discardableResult
  init(
    _ inputs: Input..., expecting expected: [Double]? = nil, shape: Shape? = nil,
    tolerance: Double = 2e-6, sourceLocation: SourceLocation = #_sourceLocation,
    _ graph: @escaping Graph
  ) {
    self.inputs = inputs
    self.graph = graph
    var reading = Self.poisonedTape(recording: false)
    let values = forward(inputs, &reading)
    if let expected { compare(values, expected, tolerance, "value", sourceLocation) }
    if let shape {
      var tape = Self.poisonedTape()
      let y = graph(&tape, inputs.map { tape.variable($0.values.span, $0.shape) })
      #expect(tape.shape(of: y) == shape, sourceLocation: sourceLocation)
    }
    var random = TestRandom(state: 99)
    let weights = values.map { _ in Float.random(in: -1...1, using: &random) }
    let numeric = inputs.indices.map { differences(of: $0, weights, &reading) }
    let direct = gradients(weights) { tape, x in graph(&tape, x) }
    let fresh = gradients(weights) { tape, x in
      graph(&tape, x.map { tape.scale($0, by: 1) })
    }
    let twice = gradients(weights) { tape, x in
      let x = x.map { tape.scale($0, by: 1) }
      let first = graph(&tape, x)
      return tape.add(first, graph(&tape, x))
    }
    for i in inputs.indices {
      compare(direct[i], numeric[i], Self.tolerance, "gradient of operand \(i)", sourceLocation)
      compare(fresh[i], numeric[i], Self.tolerance, "written gradient \(i)", sourceLocation)
      compare(
        twice[i], numeric[i].map { 2 * $0 }, 2 * Self.tolerance, "sum of gradients \(i)",
        sourceLocation)
      let alone = gradients(weights, only: i) { tape, x in graph(&tape, x) }
      #expect(alone[i] == direct[i], "operand \(i) among constants", sourceLocation: sourceLocation)
    }
  }

  /// A tape whose memory is full of NaN, so that a value that is read before it is written shows.
  static func poisonedTape(recording: Bool = true) -> Tape {
    let parameters = Parameters(ParameterTable())
    var tape = Tape(parameters, gradients: recording ? Storage(count: 0) : nil)
    _ = tape.constant([Float](repeating: .nan, count: 60_000).span, Shape(60_000))
    tape.reset()
    return tape
  }

  private func forward(_ inputs: [Input], _ tape: inout Tape) -> [Float] {
    tape.reset()
    let y = graph(&tape, inputs.map { tape.constant($0.values.span, $0.shape) })
    return tape.values(of: y).array
  }

  private func gradients(_ weights: [Float], only: Int? = nil, _ graph: Graph) -> [[Float]] {
    var tape = Self.poisonedTape()
    let x = inputs.enumerated().map { i, input in
      if only == nil || only == i { return tape.variable(input.values.span, input.shape) }
      return tape.constant(input.values.span, input.shape)
    }
    let y = graph(&tape, x)
    tape.backward(from: y, gradient: weights.span)
    return x.map { tape.gradient(of: $0)?.array ?? [] }
  }

  private func differences(
    of operand: Int, _ weights: [Float], _ tape: inout Tape
  ) -> [Double] {
    inputs[operand].values.indices.map { j in
      func difference(_ h: Float) -> Double {
        var changed = inputs
        changed[operand].values[j] += h
        let above = forward(changed, &tape)
        changed[operand].values[j] = inputs[operand].values[j] - h
        let below = forward(changed, &tape)
        return weights.indices.reduce(0) {
          above[$1] == below[$1]
            ? $0 : $0 + Double(weights[$1]) * (Double(above[$1]) - Double(below[$1]))
        }
      }
      let h = Self.step
      return (8 * difference(h) - difference(2 * h)) / (12 * Double(h))
    }
  }
}

/// Whether values are near expected ones: within the tolerance, which is relative above 1.
func compare(
  _ values: [Float], _ expected: [Double], _ tolerance: Double, _ what: String,
  _ sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  for (i, (value, expected)) in zip(values, expected).enumerated() {
    let isNear =
      Double(value) == expected
      || abs(Double(value) - expected) <= tolerance * max(1, abs(expected))
    if !isNear {
      Issue.record("\(what) \(i): \(value), not \(expected)", sourceLocation: sourceLocation)
      return
    }
  }
}
