import Autodiff
import Foundation
import Tensors
import Testing

func exponential(_ x: Double) -> Double { exp(x) }

@Suite struct LayerTests {
  private let key = DropoutKey(seed: 0xFEED_0123_4567_89AB, step: 5)

  @Test(arguments: [(1, 1, 1), (3, 5, 4), (17, 40, 9)])
  func linear(_ rows: Int, _ inner: Int, _ outer: Int) {
    let x = Input.random(Shape(rows, inner), seed: 1)
    let weight = Input.random(Shape(outer, inner), seed: 2)
    let bias = Input.random(Shape(outer), seed: 3)
    LayerCheck(parameters: [weight, bias], inputs: [x]) {
      Reference.linear($1[0], $0[0], $0[1], inner: inner)
    } _: {
      $0.linear($2[0], $1[0], $1[1])
    }
    LayerCheck(parameters: [weight], inputs: [x]) {
      Reference.linear($1[0], $0[0], nil, inner: inner)
    } _: {
      $0.linear($2[0], $1[0], nil)
    }
    // The input has two uses and the weight as well: both gradients are sums.
    LayerCheck(parameters: [weight, bias], inputs: [x]) {
      Reference.linear($1[0], $0[0], $0[1], inner: inner).map { 2 * $0 }
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      return tape.add(tape.linear(shared, p[0], p[1]), tape.linear(shared, p[0], p[1]))
    }
  }

  /// Some rows of a parameter as a parameter of their own: their gradients go to the right place.
  @Test func rowsOfALinearLayer() {
    let x = Input.random(Shape(4, 3), seed: 1)
    let weight = Input.random(Shape(6, 3), seed: 2)
    let bias = Input.random(Shape(6), seed: 3)
    LayerCheck(parameters: [weight, bias], inputs: [x]) { p, x in
      Reference.linear(x[0], Array(p[0][6..<15]), Array(p[1][2..<5]), inner: 3)
    } _: {
      $0.linear($2[0], $1[0].rows(2..<5), $1[1].rows(2..<5))
    }
  }

  private func activated(_ u: Double, _ kind: Activation) -> Double {
    switch kind {
    case .gelu: u * 0.5 * (1 + erf(u / 2.0.squareRoot()))
    case .geluTanh: 0.5 * u * (1 + tanh((2 / Double.pi).squareRoot() * (u + 0.044715 * u * u * u)))
    case .relu: max(u, 0)
    }
  }

  /// One row, some rows, and more rows than the 512 that are worked on at a time.
  @Test(arguments: Activation.allCases, [1, 7, 700])
  func feedForward(_ activation: Activation, _ rows: Int) {
    let (width, inner) = (5, 9)
    let x = Input.random(Shape(rows, width), seed: 1)
    let parameters = [
      Input.random(Shape(inner, width), -0.5...0.5, seed: 2),
      Input.random(Shape(inner), seed: 3),
      Input.random(Shape(width, inner), -0.5...0.5, seed: 4),
      Input.random(Shape(width), seed: 5),
    ]
    func reference(_ p: [[Double]], _ x: [Double]) -> [Double] {
      let u = Reference.linear(x, p[0], p[1], inner: width)
      return Reference.linear(u.map { activated($0, activation) }, p[2], p[3], inner: inner)
    }
    LayerCheck(parameters: parameters, inputs: [x], samples: 12) {
      reference($0, $1[0])
    } _: {
      $0.feedForward(
        $2[0], up: $1[0], $1[1], down: $1[2], $1[3], activation: activation)
    }
    LayerCheck(parameters: parameters, inputs: [x], samples: 6) {
      zip($1[0], reference($0, $1[0])).map { 3 * $0 + $1 }
    } _: { tape, p, x in
      // The input's gradient is written by one use and added to by the other.
      let shared = tape.scale(x[0], by: 1)
      let fed = tape.feedForward(shared, up: p[0], p[1], down: p[2], p[3], activation: activation)
      return tape.add(tape.scale(shared, by: 3), fed)
    }
  }

  @Test(arguments: [true, false], [Float(0), 0.3])
  func residualLayerNorm(_ hasResidual: Bool, _ rate: Float) {
    let (rows, inner, width) = (6, 4, 19)
    let x = Input.random(Shape(rows, width), seed: 1)
    let u = Input.random(Shape(rows, inner), seed: 2)
    let parameters = [
      Input.random(Shape(width, inner), seed: 3), Input.random(Shape(width), seed: 4),
      Input.random(Shape(width), seed: 5), Input.random(Shape(width), seed: 6),
    ]
    let identity: [Int32] = [7, 3, 900_000, 0, 12, 11]
    let mask = DropoutReference(key: key, site: 1, rate: rate)
    let factors = identity.flatMap { mask.factors(row: Int($0), columns: width) }
    LayerCheck(parameters: parameters, inputs: [x, u], dropout: key) { p, x in
      let h = Reference.linear(x[1], p[0], p[1], inner: inner)
      let sum = h.indices.map { h[$0] * factors[$0] + (hasResidual ? x[0][$0] : 0) }
      return Reference.layerNorm(sum, gamma: p[2], beta: p[3], epsilon: 1e-3)
    } _: { tape, p, x in
      let h = tape.linear(x[1], p[0], p[1])
      return tape.residualLayerNorm(
        hasResidual ? x[0] : nil, h, gamma: p[2], beta: p[3], epsilon: 1e-3, dropout: rate,
        identity: tape.indices(identity.span))
    }
  }

  /// The residual comes from the very value that the layer read: its gradient has two parts.
  @Test func residualOfItsOwnInput() {
    let (rows, width) = (5, 18)
    let x = Input.random(Shape(rows, width), seed: 1)
    let parameters = [
      Input.random(Shape(width, width), -0.5...0.5, seed: 3), Input.random(Shape(width), seed: 4),
      Input.random(Shape(width), seed: 5), Input.random(Shape(width), seed: 6),
    ]
    LayerCheck(parameters: parameters, inputs: [x]) { p, x in
      let h = Reference.linear(x[0], p[0], p[1], inner: width)
      return Reference.layerNorm(
        zip(h, x[0]).map(+), gamma: p[2], beta: p[3], epsilon: 1e-3)
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      return tape.residualLayerNorm(
        shared, tape.linear(shared, p[0], p[1]), gamma: p[2], beta: p[3], epsilon: 1e-3,
        dropout: 0, identity: nil)
    }
    // A use that comes later is walked first: the residual's part is added to its gradient.
    LayerCheck(parameters: parameters, inputs: [x]) { p, x in
      let h = Reference.linear(x[0], p[0], p[1], inner: width)
      let y = Reference.layerNorm(zip(h, x[0]).map(+), gamma: p[2], beta: p[3], epsilon: 1e-3)
      return zip(y, x[0]).map { $0 + 2 * $1 }
    } _: { tape, p, x in
      let shared = tape.scale(x[0], by: 1)
      let y = tape.residualLayerNorm(
        shared, tape.linear(shared, p[0], p[1]), gamma: p[2], beta: p[3], epsilon: 1e-3,
        dropout: 0, identity: nil)
      return tape.add(y, tape.scale(shared, by: 2))
    }
  }

  @Test(arguments: [Float(0), 0.2])
  func embedding(_ rate: Float) {
    let width = 21
    let parameters = [
      Input.random(Shape(9, width), seed: 1), Input.random(Shape(5, width), seed: 2),
      Input.random(Shape(2, width), seed: 3), Input.random(Shape(width), seed: 4),
      Input.random(Shape(width), seed: 5),
    ]
    // Ids, positions and types repeat: their gradients are sums.
    let ids: [Int32] = [3, 3, 0, 8, 3, 1, 8]
    let places: [Int32] = [0, 1, 2, 3, 0, 1, 4]
    let types: [Int32] = [0, 0, 1, 1, 0, 1, 1]
    let identity: [Int32] = [10, 11, 12, 13, 2, 3, 4]
    let mask = DropoutReference(key: key, site: 1, rate: rate)
    let factors = identity.flatMap { mask.factors(row: Int($0), columns: width) }
    LayerCheck(parameters: parameters, inputs: [], dropout: key, samples: 200) { p, _ in
      let sum = ids.indices.flatMap { t in
        (0..<width).map { c in
          p[0][Int(ids[t]) * width + c] + p[1][Int(places[t]) * width + c]
            + p[2][Int(types[t]) * width + c]
        }
      }
      let y = Reference.layerNorm(sum, gamma: p[3], beta: p[4], epsilon: 1e-3)
      return zip(y, factors).map { $0 * $1 }
    } _: { tape, p, _ in
      let rows = TokenRows(
        ids: tape.indices(ids.span), places: tape.indices(places.span),
        types: tape.indices(types.span), identity: tape.indices(identity.span))
      return tape.embedding(
        rows,
        EmbeddingParameters(words: p[0], positions: p[1], types: p[2], gamma: p[3], beta: p[4]),
        epsilon: 1e-3, dropout: rate)
    }
  }

  /// What would read foreign memory, or a value that another operation needs, is stopped.
  @Test func misuse() async {
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let words = table.add("w", Shape(3, 4), decays: true)
      let row = table.add("r", Shape(1, 4), decays: true)
      let norm = table.add("n", Shape(4), decays: true)
      var tape = Tape(Parameters(table))
      let ids: [Int32] = [3]
      let zero: [Int32] = [0]
      let zeros = tape.indices(zero.span)
      let rows = TokenRows(
        ids: tape.indices(ids.span), places: zeros, types: zeros, identity: zeros)
      _ = tape.embedding(
        rows,
        EmbeddingParameters(words: words, positions: row, types: row, gamma: norm, beta: norm),
        epsilon: 0, dropout: 0)
    }
    await #expect(processExitsWith: .failure) {
      var table = ParameterTable()
      let norm = table.add("n", Shape(2), decays: true)
      var tape = Tape(Parameters(table))
      let two: [Float] = [1, 2]
      let h = tape.constant(two.span, Shape(1, 2))
      _ = tape.residualLayerNorm(
        nil, h, gamma: norm, beta: norm, epsilon: 0, dropout: 0, identity: nil)
    }
  }
}
