import Autodiff
import Foundation
import Tensors
import Testing

/// Low-rank additions to weights beside the same layers with the sums W + scale · B · A, or with the
/// factors of dropout written out, in double precision.
@Suite struct AdapterTests {
  /// The second factor is not zero, so that all gradients are others than zero.
  private func adapter(
    of parameter: Int, _ shape: Shape, rank: Int = 2, dropout: Float = 0
  ) -> AdapterInput {
    let seed = UInt64(100 * (parameter + 1))
    return AdapterInput(
      parameter: parameter, down: .random(Shape(rank, shape[1]), seed: seed),
      up: .random(Shape(shape[0], rank), seed: seed + 1), scale: 0.75, dropout: dropout)
  }

  /// W + 0.75 · B · A.
  private func sum(_ weight: [Double], _ down: [Double], _ up: [Double], inner: Int) -> [Double] {
    let rank = down.count / inner
    return weight.indices.map { i in
      let (row, column) = (i / inner, i % inner)
      return (0..<rank).reduce(weight[i]) {
        $0 + 0.75 * up[row * rank + $1] * down[$1 * inner + column]
      }
    }
  }

  @Test(arguments: [(1, 1, 1), (3, 5, 4), (40, 24, 9)])
  func linear(_ rows: Int, _ inner: Int, _ outer: Int) {
    let weight = Input.random(Shape(outer, inner), seed: 2)
    let bias = Input.random(Shape(outer), seed: 3)
    LayerCheck(
      parameters: [weight, bias], adapters: [adapter(of: 0, weight.shape)],
      inputs: [.random(Shape(rows, inner), seed: 1)]
    ) {
      Reference.linear($1[0], sum($0[0], $0[2], $0[3], inner: inner), $0[1], inner: inner)
    } _: {
      $0.linear($2[0], $1[0], $1[1])
    }
  }

  /// Some rows of a weight, as a layer's queries are, have these rows of B.
  @Test func rowsOfAWeight() {
    let weight = Input.random(Shape(6, 3), seed: 2)
    LayerCheck(
      parameters: [weight], adapters: [adapter(of: 0, weight.shape)],
      inputs: [.random(Shape(4, 3), seed: 1)]
    ) { p, x in
      let whole = sum(p[0], p[1], p[2], inner: 3)
      return Reference.linear(x[0], Array(whole[6..<15]), nil, inner: 3)
    } _: { tape, p, x in
      tape.linear(x[0], p[0].rows(2..<5), nil)
    }
  }

  /// Adjacent weights that are one product, of which the first and the third have adapters; and a
  /// part that ends within the third.
  @Test(arguments: [12, 10]) func joinedWeights(_ rows: Int) {
    let weights = (0..<3).map { Input.random(Shape(4, 3), seed: UInt64($0 + 2)) }
    LayerCheck(
      parameters: weights,
      adapters: [adapter(of: 2, Shape(4, 3), rank: 3), adapter(of: 0, Shape(4, 3))],
      inputs: [.random(Shape(5, 3), seed: 1)]
    ) { p, x in
      let whole = sum(p[0], p[5], p[6], inner: 3) + p[1] + sum(p[2], p[3], p[4], inner: 3)
      return Reference.linear(x[0], Array(whole[0..<3 * rows]), nil, inner: 3)
    } _: { tape, p, x in
      tape.linear(x[0], Parameter(joining: Array(p[0..<3])).rows(0..<rows), nil)
    }
  }

  @Test(arguments: FeedForwardForm.all, [1, 7, 600])
  func feedForward(_ form: FeedForwardForm, _ rows: Int) {
    let (width, inner) = (5, 9)
    let parameters = form.parameters(width: width, inner: inner)
    let matrices = parameters.indices.filter { parameters[$0].shape.rank == 2 }
    LayerCheck(
      parameters: parameters,
      adapters: matrices.map { adapter(of: $0, parameters[$0].shape) },
      inputs: [.random(Shape(rows, width), -0.5...0.5, seed: 1)], samples: 8
    ) { p, x in
      var sums = Array(p[..<parameters.count])
      for (number, matrix) in matrices.enumerated() {
        let factors = parameters.count + 2 * number
        sums[matrix] = sum(
          p[matrix], p[factors], p[factors + 1], inner: parameters[matrix].shape[1])
      }
      return form.reference(sums, x[0], width: width, inner: inner)
    } _: {
      $0.feedForward($2[0], form(Array($1[..<parameters.count])))
    }
  }

  /// A row's factors of dropout depend on its number alone; the weight itself reads all of x.
  @Test func dropout() {
    let (rows, inner, outer) = (6, 24, 5)
    let key = DropoutKey(seed: 11, step: 4)
    let weight = Input.random(Shape(outer, inner), seed: 2)
    let numbers: [Int32] = [9, 3, 4, 0, 7, 1]
    let reference = DropoutReference(key: key, site: 1, rate: 0.25)
    let factors = numbers.flatMap { reference.factors(row: Int($0), columns: inner) }
    #expect(factors.contains(0))
    LayerCheck(
      parameters: [weight], adapters: [adapter(of: 0, weight.shape, dropout: 0.25)],
      inputs: [.random(Shape(rows, inner), seed: 1)], dropout: key
    ) { p, x in
      let dropped = zip(x[0], factors).map(*)
      let own = Reference.linear(x[0], p[0], nil, inner: inner)
      let zero = [Double](repeating: 0, count: p[0].count)
      let added = Reference.linear(dropped, sum(zero, p[1], p[2], inner: inner), nil, inner: inner)
      return zip(own, added).map(+)
    } _: { tape, p, x in
      tape.linear(x[0], p[0], nil, identity: tape.indices(numbers.span))
    }
  }

  /// The inner part of a feed-forward layer has dropout of its own, also in later slices of rows.
  @Test(arguments: [3, 520]) func feedForwardDropout(_ rows: Int) {
    let (width, inner) = (4, 6)
    let key = DropoutKey(seed: 5, step: 1)
    let form = FeedForwardForm(up: .plain, hasBias: false, activation: .silu)
    let parameters = form.parameters(width: width, inner: inner)
    let sites = (1...2).map { DropoutReference(key: key, site: UInt32($0), rate: 0.5) }
    let outer = (0..<rows).flatMap { sites[0].factors(row: $0, columns: width) }
    let middle = (0..<rows).flatMap { sites[1].factors(row: $0, columns: inner) }
    LayerCheck(
      parameters: parameters,
      adapters: (0..<2).map { adapter(of: $0, parameters[$0].shape, dropout: 0.5) },
      inputs: [.random(Shape(rows, width), -0.5...0.5, seed: 1)], dropout: key, samples: 8
    ) { p, x in
      func layer(
        _ x: [Double], _ factors: [Double], _ weight: [Double], _ first: Int, _ inner: Int
      ) -> [Double] {
        let zero = [Double](repeating: 0, count: weight.count)
        let added = Reference.linear(
          zip(x, factors).map(*), sum(zero, p[first], p[first + 1], inner: inner), nil,
          inner: inner)
        return zip(Reference.linear(x, weight, nil, inner: inner), added).map(+)
      }
      let up = layer(x[0], outer, p[0], 2, width)
      return layer(up.map { Reference.activation($0, .silu) }, middle, p[1], 4, inner)
    } _: {
      $0.feedForward($2[0], form(Array($1[..<2])))
    }
  }

  /// In bfloat16 against 32 bits, with fixed weights: without their own values the same bits, no
  /// gradient of them, and gradients of adapters that are off by what rounding operands leaves.
  @Test(
    .enabled(if: Precision.bf16.isAvailable, "the processor has no products in bfloat16"),
    arguments: [0, 0.25] as [Float])
  func bfloat16(_ rate: Float) {
    let network = Network(rate)
    let exact = network.train(.f32, isOnly: false)
    let found = network.train(.bf16, isOnly: false)
    #expect(network.train(.bf16, isOnly: true) == found)
    for (a, b) in zip(found, exact) {
      let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
      let length = b.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(length > 0 && (difference / length).squareRoot() < 2e-2)
    }
  }
}

/// A norm, a linear layer and a gated feed-forward layer with adapters everywhere; all else is fixed.
private struct Network {
  let table: ParameterTable
  let handles: [Parameter]
  let rows = 70
  let width = 64
  let inner = 48

  init(_ rate: Float) {
    var table = ParameterTable()
    handles = [
      table.add("gamma", Shape(width), decays: false),
      table.add("linear.weight", Shape(width, width), decays: true, use: .product),
      table.add("gate.weight", Shape(inner, width), decays: true, use: .product),
      table.add("up.weight", Shape(inner, width), decays: true, use: .product),
      table.add("down.weight", Shape(width, inner), decays: true, use: .product),
    ]
    table.fix { _ in true }
    for name in ["linear", "gate", "up", "down"] {
      table.adapt(name + ".weight", rank: 4, scale: 0.5, dropout: rate)
    }
    self.table = table
  }

  /// The result, and the gradients of the factors; those of all else are asserted to be absent.
  func train(_ precision: Precision, isOnly: Bool) -> [[Float]] {
    let parameters = Parameters(table)
    var random = TestRandom(state: 5)
    for i in 0..<table.count {
      parameters.values.floats[i] = Float.random(in: -0.25...0.25, using: &random)
    }
    for i in handles[0].range { parameters.values.floats[i] += 1 }
    let gradients = Storage(count: table.count)
    var tape = Tape(
      parameters, gradients: gradients,
      reduced: ReducedWeights(parameters, precision, isOnly: isOnly))
    tape.dropoutKey = DropoutKey(seed: 1, step: 2)
    let x = Input.random(Shape(rows, width), -1...1, seed: 3)
    let input = tape.constant(x.values.span, x.shape)
    let norm = NormParameters(.rms, gamma: handles[0], beta: nil, epsilon: 1e-6)
    func dense(_ i: Int) -> DenseParameters { DenseParameters(weight: handles[i], bias: nil) }
    let first = tape.linear(tape.norm(input, norm), dense(1))
    let y = tape.feedForward(
      tape.norm(first, norm),
      FeedForwardParameters(
        up: .gated(gate: dense(2), up: dense(3)), down: dense(4), activation: .silu))
    let result = tape.array(of: y)
    tape.backward(from: y, gradient: x.values.span)
    let fixed = handles.flatMap { gradients.floats[$0.range].array }
    #expect(fixed.allSatisfy { $0 == 0 })
    return [result]
      + table.adapters.flatMap { adapter in
        [adapter.down, adapter.up].map { gradients.floats[$0.range].array }
      }
  }
}
