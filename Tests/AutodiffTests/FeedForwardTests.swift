import Autodiff
import Foundation
import Tensors
import Testing

/// A feed-forward layer of one of the forms that models have, its weights in the order in which
/// `parameters` gives them.
struct FeedForwardForm: Sendable, CustomTestStringConvertible {
  /// How the first part lies in the buffer of parameters.
  enum Up: CaseIterable, Sendable {
    case plain
    /// Gate and up are one weight.
    case joined
    /// The up lies just behind the gate, so that they are joined.
    case adjacent
    /// The up lies in front of the gate, so that each has a product of its own.
    case apart
  }

  var up = Up.plain
  var hasBias = true
  var activation = Activation.gelu

  var testDescription: String { "\(up), \(activation)\(hasBias ? "" : ", no bias")" }

  /// Every first part with and without bias.
  static let all = Up.allCases.flatMap { up in
    [true, false].map { FeedForwardForm(up: up, hasBias: $0) }
  }

  private var upRows: [Int] {
    switch up {
    case .plain: [1]
    case .joined: [2]
    case .adjacent, .apart: [1, 1]
    }
  }

  /// Up (and gate), down, and then their biases.
  func parameters(width: Int, inner: Int) -> [Input] {
    let weights = upRows.enumerated().map {
      Input.random(Shape($1 * inner, width), -0.5...0.5, seed: UInt64(10 + $0))
    }
    let biases = upRows.enumerated().map {
      Input.random(Shape($1 * inner), seed: UInt64(20 + $0))
    }
    let down = Input.random(Shape(width, inner), -0.5...0.5, seed: 30)
    guard hasBias else { return weights + [down] }
    return weights + [down] + biases + [Input.random(Shape(width), seed: 31)]
  }

  /// A buffer with these parameters, and their places in it.
  func filled(width: Int, inner: Int) -> (buffer: Parameters, handles: [Parameter]) {
    let inputs = parameters(width: width, inner: inner)
    var table = ParameterTable()
    let handles = inputs.enumerated().map {
      table.add("\($0.offset)", $0.element.shape, decays: true)
    }
    let buffer = Parameters(table)
    for (handle, input) in zip(handles, inputs) { buffer[handle].copy(from: input.values.span) }
    return (buffer, handles)
  }

  func callAsFunction(_ p: [Parameter]) -> FeedForwardParameters {
    let count = upRows.count
    func dense(_ i: Int) -> DenseParameters {
      DenseParameters(weight: p[i], bias: hasBias ? p[count + 1 + i] : nil)
    }
    let parts: FeedForwardParameters.Up =
      switch up {
      case .plain: .plain(dense(0))
      case .joined: .joined(dense(0))
      case .adjacent: .gated(gate: dense(0), up: dense(1))
      case .apart: .gated(gate: dense(1), up: dense(0))
      }
    return FeedForwardParameters(up: parts, down: dense(count), activation: activation)
  }

  func reference(_ p: [[Double]], _ x: [Double], width: Int, inner: Int) -> [Double] {
    let count = upRows.count
    func dense(_ i: Int, _ x: [Double], _ inputs: Int) -> [Double] {
      Reference.linear(x, p[i], hasBias ? p[count + 1 + i] : nil, inner: inputs)
    }
    func active(_ u: [Double]) -> [Double] { u.map { Reference.activation($0, activation) } }
    let middle: [Double]
    switch up {
    case .plain: middle = active(dense(0, x, width))
    case .joined:
      let both = dense(0, x, width)
      let rows = stride(from: 0, to: both.count, by: 2 * inner)
      let gate = rows.flatMap { both[$0..<$0 + inner] }
      let up = rows.flatMap { both[$0 + inner..<$0 + 2 * inner] }
      middle = zip(active(gate), up).map(*)
    case .adjacent: middle = zip(active(dense(0, x, width)), dense(1, x, width)).map(*)
    case .apart: middle = zip(active(dense(1, x, width)), dense(0, x, width)).map(*)
    }
    return dense(count, middle, inner)
  }
}

@Suite struct FeedForwardTests {
  private func check(
    _ form: FeedForwardForm, rows: Int, width: Int, inner: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let x = Input.random(Shape(rows, width), seed: 1)
    let parameters = form.parameters(width: width, inner: inner)
    LayerCheck(
      parameters: parameters, inputs: [x], samples: 12,
      reference: { form.reference($0, $1[0], width: width, inner: inner) },
      sourceLocation: sourceLocation
    ) { $0.feedForward($2[0], form($1)) }
    LayerCheck(
      parameters: parameters, inputs: [x], samples: 6,
      reference: {
        zip($1[0], form.reference($0, $1[0], width: width, inner: inner)).map { 3 * $0 + $1 }
      }, sourceLocation: sourceLocation
    ) { tape, p, x in
      // The input's gradient is written by one use and added to by the other.
      let shared = tape.scale(x[0], by: 1)
      let fed = tape.feedForward(shared, form(p))
      return tape.add(tape.scale(shared, by: 3), fed)
    }
  }

  /// One row, some rows, and more rows than the 512 that are worked on at a time.
  @Test(arguments: FeedForwardForm.all, [1, 7, 700])
  func forms(_ form: FeedForwardForm, _ rows: Int) {
    check(form, rows: rows, width: 5, inner: 9)
  }

  @Test(arguments: Activation.allCases, [FeedForwardForm.Up.plain, .joined])
  func activations(_ activation: Activation, _ up: FeedForwardForm.Up) {
    check(FeedForwardForm(up: up, activation: activation), rows: 7, width: 5, inner: 9)
  }

  /// Wider than the inner part, which is no multiple of anything.
  @Test(arguments: FeedForwardForm.all)
  func narrow(_ form: FeedForwardForm) {
    check(form, rows: 1, width: 48, inner: 5)
    check(form, rows: 33, width: 48, inner: 5)
    check(form, rows: 2, width: 3, inner: 1)
  }

  /// Gate and up are one product where they lie one behind the other, their biases as well.
  @Test func joining() {
    var table = ParameterTable()
    func add(_ name: String, _ shape: Shape) -> Parameter {
      table.add(name, shape, decays: true)
    }
    let (gate, up) = (add("gate", Shape(4, 3)), add("up", Shape(4, 3)))
    let (gateBias, upBias) = (add("gate bias", Shape(4)), add("up bias", Shape(4)))
    let down = DenseParameters(weight: add("down", Shape(3, 4)), bias: nil)
    func parts(_ gate: DenseParameters, _ up: DenseParameters) -> FeedForwardParameters.Up {
      FeedForwardParameters(up: .gated(gate: gate, up: up), down: down, activation: .silu).up
    }
    #expect(
      parts(.init(weight: gate, bias: nil), .init(weight: up, bias: nil))
        == .joined(.init(weight: Parameter(joining: [gate, up]), bias: nil)))
    #expect(
      parts(.init(weight: gate, bias: gateBias), .init(weight: up, bias: upBias))
        == .joined(
          .init(
            weight: Parameter(joining: [gate, up]),
            bias: Parameter(joining: [gateBias, upBias]))))
    for (first, second) in [
      (DenseParameters(weight: up, bias: nil), DenseParameters(weight: gate, bias: nil)),
      (.init(weight: gate, bias: upBias), .init(weight: up, bias: gateBias)),
      (.init(weight: gate, bias: gateBias), .init(weight: up, bias: nil)),
    ] { #expect(parts(first, second) == .gated(gate: first, up: second)) }
  }

  /// A layer of more than 2²⁰ values a weight, whose backward pass has slices of up to 2,048 rows:
  /// the gradients of all rows are the sums of those of its parts, each of which is one slice.
  @Test(arguments: [FeedForwardForm.Up.plain, .joined])
  func wide(_ up: FeedForwardForm.Up) {
    let (rows, width, inner) = (2_100, 512, 2_056)
    let form = FeedForwardForm(up: up)
    let (parameters, handles) = form.filled(width: width, inner: inner)
    let x = Input.random(Shape(rows, width), seed: 1)
    let dy = Input.random(Shape(rows, width), -0.1...0.1, seed: 2).values
    func gradients(_ parts: [Range<Int>]) -> (parameters: [Float], x: [Float]) {
      let gradients = Storage(count: parameters.table.count)
      var tape = Tape(parameters, gradients: gradients)
      tape.gradientsAreZero()
      var dx: [Float] = []
      for part in parts {
        tape.reset()
        let values = part.lowerBound * width..<part.upperBound * width
        let variable = tape.variable(
          x.values.span.extracting(values), Shape(part.count, width))
        let y = tape.feedForward(variable, form(handles))
        tape.backward(from: y, gradient: dy.span.extracting(values))
        dx += tape.gradient(of: variable)?.array ?? []
      }
      return (gradients.array, dx)
    }
    let whole = gradients([0..<rows])
    let parts = gradients([0..<500, 500..<1_000, 1_000..<rows])
    // Sums of 2,100 products in another order, in single precision: the difference is measured by
    // the length of the whole, since single sums may cancel.
    for (one, other) in [(whole.parameters, parts.parameters), (whole.x, parts.x)] {
      let length = other.reduce(0) { $0 + Double($1) * Double($1) }
      let difference = zip(one, other).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
      #expect(one.count == other.count && length > 0)
      #expect((difference / length).squareRoot() < 1e-5)
    }
  }

  /// What is frozen gets no gradient, and the input's gradient is the same.
  @Test(arguments: FeedForwardForm.Up.allCases)
  func frozen(_ up: FeedForwardForm.Up) {
    let form = FeedForwardForm(up: up, activation: .silu)
    let (parameters, handles) = form.filled(width: 4, inner: 6)
    let x = Input.random(Shape(3, 4), seed: 1)
    func gradients(frozen: [Parameter]) -> (parameters: [Float], x: [Float]) {
      let gradients = Storage(count: parameters.table.count)
      var tape = Tape(parameters, gradients: gradients, frozen: frozen)
      let variable = tape.variable(x.values.span, x.shape)
      let y = tape.feedForward(variable, form(handles))
      tape.backward(from: y, gradient: x.values.span)
      return (gradients.array, tape.gradient(of: variable)?.array ?? [])
    }
    let all = gradients(frozen: [])
    let none = gradients(frozen: handles)
    #expect(none.parameters.allSatisfy { $0 == 0 } && all.parameters.allSatisfy { $0 != 0 })
    #expect(none.x == all.x && none.x.count == 12)
  }
}
