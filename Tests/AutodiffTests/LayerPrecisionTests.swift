import Autodiff
import Foundation
import Tensors
import Testing

/// A layer with its norms in front and a gate, in 16 and 8 bits against the same layer in 32.
@Suite struct LayerPrecisionTests {
  private struct Network {
    let parameters: Parameters
    let rows, width, inner: Int
    let form: FeedForwardForm
    let handles: [Parameter]
    let gamma: Parameter
    let dense: DenseParameters

    init(_ form: FeedForwardForm, rows: Int, width: Int, inner: Int) {
      (self.form, self.rows, self.width, self.inner) = (form, rows, width, inner)
      let inputs = form.parameters(width: width, inner: inner)
      var table = ParameterTable()
      handles = inputs.enumerated().map {
        table.add("\($0.offset)", $0.element.shape, decays: true)
      }
      gamma = table.add("gamma", Shape(width), decays: false)
      dense = DenseParameters(
        weight: table.add("dense", Shape(width, width), decays: true),
        bias: form.hasBias ? table.add("bias", Shape(width), decays: false) : nil)
      parameters = Parameters(table)
      var random = TestRandom(state: 5)
      for i in 0..<table.count {
        parameters.values.floats[i] = Float.random(in: -0.25...0.25, using: &random)
      }
      for i in gamma.range { parameters.values.floats[i] += 1 }
    }

    var input: [Float] {
      var random = TestRandom(state: 6)
      return (0..<rows * width).map { _ in Float.random(in: -1...1, using: &random) }
    }

    /// `norm(x + dense(norm(x)))` and what a gated feed-forward layer adds to it.
    func callAsFunction(_ x: Value, on tape: inout Tape) -> Value {
      let norm = NormParameters(.rms, gamma: gamma, beta: nil, epsilon: 1e-6)
      let stream = tape.residual(
        x, tape.linear(tape.norm(x, norm), dense), dropout: 0, identity: nil)
      let fed = tape.feedForward(tape.norm(stream, norm), form(handles))
      return tape.norm(tape.residual(stream, fed, dropout: 0, identity: nil), norm)
    }
  }

  private struct Outcome: Equatable {
    var y, parameters, x: [Float]
  }

  private func train(_ network: Network, _ precision: Precision, rounds: Int = 1) -> Outcome {
    let gradients = Storage(count: network.parameters.table.count)
    var tape = Tape(
      network.parameters, gradients: gradients,
      reduced: ReducedWeights(network.parameters, precision))
    var outcome = Outcome(y: [], parameters: [], x: [])
    for _ in 0..<rounds {
      tape.reset()
      gradients.floats.fill(0)
      let x = tape.variable(network.input.span, Shape(network.rows, network.width))
      let y = network(x, on: &tape)
      outcome.y = tape.values(of: y).array
      let slopes = network.input.enumerated().map { $1 * Float($0 % 3 - 1) }
      tape.backward(from: y, gradient: slopes.span)
      outcome.x = tape.gradient(of: x)?.array ?? []
      outcome.parameters = gradients.array
    }
    return outcome
  }

  private func infer(_ network: Network, _ precision: Precision) -> [Float] {
    var tape = Tape(network.parameters, reduced: ReducedWeights(network.parameters, precision))
    let x = tape.constant(network.input.span, Shape(network.rows, network.width))
    return tape.values(of: network(x, on: &tape)).array
  }

  /// How far an array is from another, relative to the length of that.
  private func distance(_ a: [Float], _ b: [Float]) -> Double {
    #expect(a.count == b.count && !a.isEmpty)
    let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return (difference / b.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
  }

  private static let forms = FeedForwardForm.all.map {
    FeedForwardForm(up: $0.up, hasBias: $0.hasBias, activation: .silu)
  }

  /// Rounding both operands of a product moves it by about 2⁻⁹·√2 of its length; the result is a
  /// sum of such products and of what goes round them, gradients are three to five products deep.
  @Test(arguments: forms, [(700, 64, 160), (1, 48, 5), (37, 48, 5)])
  func bfloat16IsNear(_ form: FeedForwardForm, _ size: (Int, Int, Int)) {
    let network = Network(form, rows: size.0, width: size.1, inner: size.2)
    let exact = train(network, .f32)
    let found = train(network, .bf16)
    for (name, distance) in [
      ("values", distance(found.y, exact.y)),
      ("gradients of parameters", distance(found.parameters, exact.parameters)),
      ("gradient of the input", distance(found.x, exact.x)),
    ] {
      #expect(distance < 1.5e-2, "\(name)")
      #expect(distance > 1e-4, "\(name): they were not rounded at all")
    }
    // Sequences of rounds on one tape, and reading instead of recording, change no bit.
    #expect(train(network, .bf16, rounds: 3) == found)
    #expect(infer(network, .bf16) == found.y)
    #expect(infer(network, .f32) == exact.y)
  }

  /// Half a step of 1/255 of the range of a row and of 1/127 of a channel, three times, and the
  /// product of two rounded factors behind a gate.
  @Test(arguments: forms, [(700, 64, 160), (1, 48, 5), (37, 48, 5)])
  func eightBitsAreNear(_ form: FeedForwardForm, _ size: (Int, Int, Int)) {
    let network = Network(form, rows: size.0, width: size.1, inner: size.2)
    let exact = infer(network, .f32)
    let found = infer(network, .int8)
    #expect(distance(found, exact) < 2e-2)
    #expect(distance(found, exact) > 1e-4, "they were not rounded at all")
    #expect(infer(network, .int8) == found)
  }
}
