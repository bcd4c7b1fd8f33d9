import Autodiff
import Tensors
import Testing

/// A norm of one of the kinds that models have.
struct NormForm: Sendable, CustomTestStringConvertible {
  var kind = NormKind.layer
  var hasBeta = true

  var testDescription: String { "\(kind)\(hasBeta ? "" : ", no beta")" }

  static let all = NormKind.allCases.flatMap { kind in
    [true, false].map { NormForm(kind: kind, hasBeta: $0) }
  }

  /// What is added to a variance: large enough for it to show.
  static let epsilon: Float = 1e-3

  /// Gamma, and beta where there is one.
  func parameters(width: Int) -> [Input] {
    [Input.random(Shape(width), seed: 40)] + (hasBeta ? [.random(Shape(width), seed: 41)] : [])
  }

  func callAsFunction(_ p: ArraySlice<Parameter>) -> NormParameters {
    NormParameters(
      kind, gamma: p[p.startIndex], beta: hasBeta ? p[p.startIndex + 1] : nil,
      epsilon: Self.epsilon)
  }

  func reference(_ x: [Double], _ p: ArraySlice<[Double]>) -> [Double] {
    Reference.norm(
      x, kind, gamma: p[p.startIndex], beta: hasBeta ? p[p.startIndex + 1] : nil,
      epsilon: Double(Self.epsilon))
  }
}

@Suite struct NormTests {
  private let key = DropoutKey(seed: 0xFEED_0123_4567_89AB, step: 5)

  /// In front of a sublayer; the input has no other use, one that is recorded before, and one after.
  @Test(arguments: NormForm.all, [(1, 48), (6, 19), (3, 1)])
  func norm(_ form: NormForm, _ shape: (rows: Int, width: Int)) {
    let x = Input.random(Shape(shape.rows, shape.width), seed: 1)
    let parameters = form.parameters(width: shape.width)
    LayerCheck(parameters: parameters, inputs: [x]) {
      form.reference($1[0], $0[...])
    } _: {
      $0.norm($2[0], form($1[...]))
    }
    LayerCheck(parameters: parameters, inputs: [x]) { p, x in
      zip(form.reference(x[0], p[...]), x[0]).map { $0 + 2 * $1 }
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      return tape.add(tape.norm(shared, form(p[...])), tape.scale(shared, by: 2))
    }
    LayerCheck(parameters: parameters, inputs: [x]) { p, x in
      zip(form.reference(x[0], p[...]), x[0]).map { $0 + 2 * $1 }
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      let doubled = tape.scale(shared, by: 2)
      return tape.add(tape.norm(shared, form(p[...])), doubled)
    }
  }

  @Test(arguments: NormForm.all, [Float(0), 0.3])
  func residualNorm(_ form: NormForm, _ rate: Float) {
    let (rows, inner, width) = (6, 4, 19)
    let x = Input.random(Shape(rows, width), seed: 1)
    let u = Input.random(Shape(rows, inner), seed: 2)
    let parameters =
      [Input.random(Shape(width, inner), seed: 3), .random(Shape(width), seed: 4)]
      + form.parameters(width: width)
    let identity: [Int32] = [7, 3, 900_000, 0, 12, 11]
    let factors = self.factors(identity, width: width, site: 1, rate)
    LayerCheck(parameters: parameters, inputs: [x, u], dropout: key) { p, x in
      let h = Reference.linear(x[1], p[0], p[1], inner: inner)
      let sum = h.indices.map { h[$0] * factors[$0] + x[0][$0] }
      return form.reference(sum, p[2...])
    } _: { tape, p, x in
      let h = tape.linear(x[1], p[0], p[1])
      return tape.residualNorm(
        x[0], h, form(p[2...]), dropout: rate, identity: tape.indices(identity.span))
    }
  }

  /// The residual comes from the very value that the layer read: its gradient has two parts.
  @Test(arguments: NormForm.all)
  func residualOfItsOwnInput(_ form: NormForm) {
    let (rows, width) = (5, 18)
    let x = Input.random(Shape(rows, width), seed: 1)
    let parameters =
      [Input.random(Shape(width, width), -0.5...0.5, seed: 3), .random(Shape(width), seed: 4)]
      + form.parameters(width: width)
    LayerCheck(parameters: parameters, inputs: [x]) { p, x in
      let h = Reference.linear(x[0], p[0], p[1], inner: width)
      return form.reference(zip(h, x[0]).map(+), p[2...])
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      return tape.residualNorm(
        shared, tape.linear(shared, p[0], p[1]), form(p[2...]), dropout: 0, identity: nil)
    }
    // A use that comes later is walked first: the residual's part is added to its gradient.
    LayerCheck(parameters: parameters, inputs: [x]) { p, x in
      let h = Reference.linear(x[0], p[0], p[1], inner: width)
      let y = form.reference(zip(h, x[0]).map(+), p[2...])
      return zip(y, x[0]).map { $0 + 2 * $1 }
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      let y = tape.residualNorm(
        shared, tape.linear(shared, p[0], p[1]), form(p[2...]), dropout: 0, identity: nil)
      return tape.add(y, tape.scale(shared, by: 2))
    }
  }

  /// Two sublayers with their norms in front, and the norm behind the last.
  @Test(arguments: NormForm.all, [Float(0), 0.3])
  func normsInFront(_ form: NormForm, _ rate: Float) {
    let (rows, width, inner) = (6, 17, 5)
    let x = Input.random(Shape(rows, width), seed: 1)
    let feedForward = FeedForwardForm(up: .joined, hasBias: false, activation: .silu)
    let norm = form.parameters(width: width)
    let fed = feedForward.parameters(width: width, inner: inner)
    let parameters =
      [Input.random(Shape(width, width), -0.5...0.5, seed: 3), .random(Shape(width), seed: 4)]
      + fed + norm
    let normed = 2 + fed.count
    let identity: [Int32] = [7, 3, 900_000, 0, 12, 11]
    let factors = (1...2).map { self.factors(identity, width: width, site: UInt32($0), rate) }
    LayerCheck(parameters: parameters, inputs: [x], dropout: key) { p, x in
      let norm = p[normed...]
      let h = Reference.linear(form.reference(x[0], norm), p[0], p[1], inner: width)
      let middle = h.indices.map { x[0][$0] + h[$0] * factors[0][$0] }
      let u = feedForward.reference(
        Array(p[2..<normed]), form.reference(middle, norm), width: width, inner: inner)
      let y = u.indices.map { middle[$0] + u[$0] * factors[1][$0] }
      return form.reference(y, norm)
    } _: { tape, p, x in
      let identity = tape.indices(identity.span)
      let norm = form(p[normed...])
      let stream = tape.scale(x[0], by: 1)
      let h = tape.linear(tape.norm(stream, norm), p[0], p[1])
      let middle = tape.residual(stream, h, dropout: rate, identity: identity)
      let u = tape.feedForward(tape.norm(middle, norm), feedForward(Array(p[2..<normed])))
      let y = tape.residual(middle, u, dropout: rate, identity: identity)
      return tape.norm(y, norm)
    }
  }

  private func factors(
    _ identity: [Int32], width: Int, site: UInt32, _ rate: Float
  ) -> [Double] {
    let mask = DropoutReference(key: key, site: site, rate: rate)
    return identity.flatMap { mask.factors(row: Int($0), columns: width) }
  }

  /// A sum takes over the memory of the sublayer's result: finishing both gives it back once, and a
  /// loop over layers takes no more memory.
  @Test func residualsReuseMemory() {
    var table = ParameterTable()
    let weight = table.add("weight", Shape(8, 8), decays: true)
    let gamma = table.add("gamma", Shape(8), decays: false)
    let parameters = Parameters(table)
    parameters[gamma].fill(1)
    for i in weight.range { parameters.values.floats[i] = Float(i % 7) / 7 - 0.4 }
    let norm = NormParameters(.rms, gamma: gamma, beta: nil, epsilon: 1e-6)
    let input = Input.random(Shape(4000, 8), seed: 1)
    var tape = Tape(parameters)
    func run(finishing: Bool) -> [Float] {
      tape.reset()
      var x = tape.constant(input.values.span, input.shape)
      for _ in 0..<20 {
        let normed = tape.norm(x, norm)
        let h = tape.linear(normed, weight, nil)
        let y = tape.residual(x, h, dropout: 0, identity: nil)
        if finishing { for value in [normed, h, x] { tape.finish(value) } }
        x = y
      }
      return tape.values(of: x).array
    }
    let finished = run(finishing: true)
    // Three matrices of 32,000 values and statistics fit the arena's first two chunks.
    #expect(tape.memoryCapacity < 200_000)
    #expect(run(finishing: false) == finished)
    #expect(tape.memoryCapacity > 1_000_000)
  }

  /// What would overwrite a value that another operation needs is stopped.
  @Test func misuse() async {
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let gamma = table.add("n", Shape(2), decays: true)
      var tape = Tape(Parameters(table))
      let two: [Float] = [1, 2]
      let x = tape.constant(two.span, Shape(1, 2))
      let h = tape.constant(two.span, Shape(1, 2))
      _ = tape.residualNorm(
        x, h, NormParameters(gamma: gamma, beta: gamma, epsilon: 0), dropout: 0, identity: nil)
    }
    await #expect(processExitsWith: .failure) {
      var tape = GradientCheck.poisonedTape()
      let two: [Float] = [1, 2]
      let x = tape.variable(two.span, Shape(1, 2))
      let h = tape.variable(two.span, Shape(1, 2))
      _ = tape.residual(x, h, dropout: 0, identity: nil)
    }
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let weight = table.add("w", Shape(2, 2), decays: true)
      var tape = Tape(Parameters(table), gradients: Storage(count: 4))
      let two: [Float] = [1, 2]
      let x = tape.variable(two.span, Shape(1, 2))
      let h = tape.linear(x, weight, nil)
      let y = tape.residual(x, h, dropout: 0, identity: nil)
      _ = tape.residual(y, h, dropout: 0, identity: nil)
    }
  }
}
