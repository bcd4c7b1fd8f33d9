import Autodiff
import Foundation
import Tensors
import Testing

/// Layers in 16 and 8 bits against the same layers in 32.
@Suite struct PrecisionTests {
  private static let rows = 700
  private static let width = 64
  private static let inner = 160

  /// A linear and a feed-forward layer one after the other; more rows than a slice has.
  private struct Network {
    let parameters: Parameters
    let weight, bias, up, upBias, down, downBias: Parameter

    init() {
      var table = ParameterTable()
      weight = table.add("weight", Shape(width, width), decays: true)
      bias = table.add("bias", Shape(width), decays: false)
      up = table.add("up", Shape(inner, width), decays: true)
      upBias = table.add("up bias", Shape(inner), decays: false)
      down = table.add("down", Shape(width, inner), decays: true)
      downBias = table.add("down bias", Shape(width), decays: false)
      parameters = Parameters(table)
      var random = TestRandom(state: 5)
      for i in 0..<table.count {
        parameters.values.floats[i] = Float.random(in: -0.25...0.25, using: &random)
      }
    }

    func callAsFunction(_ x: Value, isExact: Bool = false, on tape: inout Tape) -> Value {
      tape.feedForward(
        tape.linear(x, weight, bias, isExact: isExact),
        FeedForwardParameters(
          up: DenseParameters(weight: up, bias: upBias),
          down: DenseParameters(weight: down, bias: downBias), activation: .gelu))
    }
  }

  private static func random(_ state: UInt64) -> [Float] {
    var random = TestRandom(state: state)
    return (0..<rows * width).map { _ in Float.random(in: -1...1, using: &random) }
  }

  private struct Outcome: Equatable {
    var y, parameters, x: [Float]
  }

  /// Values, gradients of the parameters and of the input; `rounds` on one tape.
  private func train(_ network: Network, _ precision: Precision, rounds: Int = 1) -> Outcome {
    let gradients = Storage(count: network.parameters.table.count)
    var tape = Tape(
      network.parameters, gradients: gradients,
      reduced: ReducedWeights(network.parameters, precision))
    var outcome = Outcome(y: [], parameters: [], x: [])
    for _ in 0..<rounds {
      tape.reset()
      gradients.floats.fill(0)
      let x = tape.variable(Self.random(6).span, Shape(Self.rows, Self.width))
      let y = network(x, on: &tape)
      outcome.y = tape.values(of: y).array
      tape.backward(from: y, gradient: Self.random(7).span)
      outcome.x = tape.gradient(of: x)?.array ?? []
      outcome.parameters = gradients.array
    }
    return outcome
  }

  private func infer(_ network: Network, _ precision: Precision, isExact: Bool = false) -> [Float] {
    var tape = Tape(
      network.parameters, reduced: ReducedWeights(network.parameters, precision))
    #expect(tape.precision == precision && !tape.isRecording)
    let x = tape.constant(Self.random(6).span, Shape(Self.rows, Self.width))
    return tape.values(of: network(x, isExact: isExact, on: &tape)).array
  }

  /// How far an array is from another, relative to the length of that.
  private func distance(_ a: [Float], _ b: [Float]) -> Double {
    #expect(a.count == b.count && !a.isEmpty)
    let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return (difference / b.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
  }

  /// A bfloat16 number has 8 bits: rounding both operands of a product moves it by about 2⁻⁹·√2 of
  /// its length, three products in a row by less than 1e-2.
  @Test func bfloat16IsNear() {
    let network = Network()
    let exact = train(network, .f32)
    let found = train(network, .bf16)
    for (name, distance) in [
      ("values", distance(found.y, exact.y)),
      ("gradients of parameters", distance(found.parameters, exact.parameters)),
      ("gradient of the input", distance(found.x, exact.x)),
    ] {
      #expect(distance < 1e-2, "\(name)")
      #expect(distance > 1e-4, "\(name): they were not rounded at all")
    }
    // Sequences of rounds on one tape, and reading instead of recording, change no bit.
    #expect(train(network, .bf16, rounds: 3) == found)
    #expect(infer(network, .bf16) == found.y)
  }

  /// Half a step of 1/255 of the range of a row and of 1/127 of a channel, three times.
  @Test func eightBitsAreNear() {
    let network = Network()
    let exact = train(network, .f32).y
    let found = infer(network, .int8)
    #expect(distance(found, exact) < 2e-2)
    #expect(distance(found, exact) > 1e-4, "they were not rounded at all")
    #expect(infer(network, .int8) == found)
    #expect(infer(network, .int8, isExact: true) != found, "the first layer can be exact")
  }

  /// Matrices that lie one after the other are one, and rows of one are a matrix, in 8 bits too.
  @Test(arguments: [Precision.bf16, .int8])
  func partsOfParameters(_ precision: Precision) {
    var table = ParameterTable()
    let first = table.add("first", Shape(24, 16), decays: true)
    let second = table.add("second", Shape(8, 16), decays: true)
    let parameters = Parameters(table)
    var random = TestRandom(state: 8)
    for i in 0..<table.count {
      parameters.values.floats[i] = Float.random(in: -1...1, using: &random)
    }
    let input = (0..<5 * 16).map { _ in Float.random(in: -1...1, using: &random) }
    var tape = Tape(parameters, reduced: ReducedWeights(parameters, precision))
    let x = tape.constant(input.span, Shape(5, 16))
    let joined = Parameter(joining: [first, second])
    let whole = tape.values(of: tape.linear(x, joined, nil)).array
    for (parameter, columns) in [
      (first, 0..<24), (second, 24..<32), (joined.rows(20..<28), 20..<28),
    ] {
      let part = tape.values(of: tape.linear(x, parameter, nil)).array
      let expected = (0..<5).flatMap { row in columns.map { whole[row * 32 + $0] } }
      #expect(zip(part, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  /// The copy is as good as its last refresh.
  @Test(arguments: [Precision.bf16, .int8])
  func refresh(_ precision: Precision) throws {
    let network = Network()
    let reduced = try #require(ReducedWeights(network.parameters, precision))
    func values() -> [Float] {
      var tape = Tape(network.parameters, reduced: reduced)
      let x = tape.constant(Self.random(6).span, Shape(Self.rows, Self.width))
      return tape.values(of: tape.linear(x, network.weight, nil)).array
    }
    let before = values()
    for i in network.weight.range { network.parameters.values.floats[i] *= 2 }
    #expect(values() == before)
    reduced.refresh()
    #expect(distance(values(), before.map { 2 * $0 }) < 1e-5)
    #expect(ReducedWeights(network.parameters, .f32) == nil)
  }

  @Test(arguments: Precision.allCases)
  func productRate(_ precision: Precision) {
    #expect(ProductRate.measure(precision, workers: 1, size: 64, rounds: 1) > 0)
  }
}
