import Autodiff
import Foundation
import Tensors
import Testing

@Suite struct UnaryTests {
  private let any = Input.random(Shape(7, 5), -4...4)
  private let positive = Input.random(Shape(3, 11), 0.5...3)

  @Test func gradients() {
    GradientCheck(any, expecting: any.doubles.map { exp($0) }) { $0.exp($1[0]) }
    GradientCheck(positive, expecting: positive.doubles.map { log($0) }) { $0.log($1[0]) }
    GradientCheck(any, expecting: any.doubles.map { tanh($0) }) { $0.tanh($1[0]) }
    GradientCheck(any, expecting: any.doubles.map { 1 / (1 + exp(-$0)) }) { $0.sigmoid($1[0]) }
    GradientCheck(any, expecting: any.doubles.map { -log(1 + exp(-$0)) }) { $0.logSigmoid($1[0]) }
    GradientCheck(any, expecting: any.doubles.map { log(1 + exp($0)) }) { $0.softplus($1[0]) }
    GradientCheck(any, expecting: any.doubles.map { $0 / 2 * (1 + erf($0 / 2.squareRoot())) }) {
      $0.gelu($1[0])
    }
    GradientCheck(positive, expecting: positive.doubles.map { $0.squareRoot() }) {
      $0.squareRoot($1[0])
    }
    // No value nearer to the kink than two steps.
    let distinct = Input(Input.distinct(Shape(21)).values.map { $0 + 0.125 }, Shape(21))
    GradientCheck(distinct, expecting: distinct.doubles.map { max($0, 0) }) { $0.relu($1[0]) }
  }

  @Test func numbersThatAreNotValues() {
    GradientCheck(any, expecting: any.doubles.map { -$0 }) { $0.negate($1[0]) }
    GradientCheck(any, expecting: any.doubles.map { 2.5 * $0 }) { $0.scale($1[0], by: 2.5) }
    GradientCheck(any, expecting: any.doubles.map { $0 - 3 }) { $0.addScalar($1[0], -3) }
  }

  @Test func anySize() {
    // Around the widths of vector registers, where loops have a remainder.
    for count in [0, 1, 3, 4, 5, 8, 15, 16, 17, 31, 33, 64, 100] {
      let x = Input.random(Shape(count), seed: UInt64(count))
      GradientCheck(x, expecting: x.doubles.map { tanh($0) }, shape: Shape(count)) {
        $0.tanh($1[0])
      }
    }
    GradientCheck(Input([0.5], Shape()), expecting: [exp(0.5)], shape: Shape()) { $0.exp($1[0]) }
  }

  /// The error of a function over values spread evenly over all bit patterns, in units in the last
  /// place of the exact result, or as it is.
  private func worst(
    _ low: Float, _ high: Float, inUnits: Bool = true,
    _ apply: (inout Tape, Value) -> Value, _ exact: (Double) -> Double
  ) -> Double {
    var patterns: [Float] = []
    for bits in stride(from: UInt32(0), through: Float.infinity.bitPattern, by: 4999) {
      let x = Float(bitPattern: bits)
      if x >= low && x <= high { patterns.append(x) }
      if -x >= low && -x <= high { patterns.append(-x) }
    }
    var tape = GradientCheck.poisonedTape()
    let y = tape.values(of: apply(&tape, tape.constant(patterns.span, Shape(patterns.count)))).array
    var worst = 0.0
    for (x, y) in zip(patterns, y) {
      let exact = exact(Double(x))
      let rounded = Float(exact)
      if Double(y) == exact || y == rounded { continue }
      let unit = inUnits ? Double(max(abs(rounded), .leastNormalMagnitude).ulp) : 1
      let error = abs(Double(y) - exact) / unit
      worst = error <= worst ? worst : error
    }
    return worst
  }

  @Test func accuracyOverTheWholeRange() {
    let all = -Float.greatestFiniteMagnitude
    let most = Float.greatestFiniteMagnitude
    #expect(worst(all, 88.7, { $0.exp($1) }, { exp($0) }) <= 2)
    #expect(worst(0, most, { $0.log($1) }, { log($0) }) <= 1)
    #expect(worst(all, most, { $0.tanh($1) }, { tanh($0) }) <= 2)
    // Below -87 the exponential overflows and the result, smaller than any normal number, is 0.
    #expect(worst(-87, most, { $0.sigmoid($1) }, { 1 / (1 + exp(-$0)) }) <= 3)
    let softplus = { (x: Double) in max(x, 0) + log1p(exp(-abs(x))) }
    #expect(worst(all, most, { $0.softplus($1) }, softplus) <= 2)
    #expect(worst(all, most, { $0.logSigmoid($1) }, { -softplus(-$0) }) <= 2)
    #expect(worst(0, most, { $0.squareRoot($1) }, { $0.squareRoot() }) <= 0.5)
    // The error function is good to 4e-7 as such; it is multiplied by x / 2 and rounded.
    let gelu = { (x: Double) in x / 2 * erfc(-x / 2.squareRoot()) }
    #expect(worst(-8, 8, inUnits: false, { $0.gelu($1) }, gelu) <= 2e-6)
    #expect(worst(-0.5, 0.5, inUnits: false, { $0.gelu($1) }, gelu) <= 2e-7)
  }

  @Test func extremes() {
    let x: [Float] = [-1e4, -200, -104.5, 110, 200, 1e4]
    func values(_ apply: (inout Tape, Value) -> Value) -> [Float] {
      var tape = GradientCheck.poisonedTape()
      let x = tape.variable(x.span, Shape(6))
      let y = apply(&tape, x)
      let values = tape.values(of: y).array
      tape.backward(from: y, gradient: [Float](repeating: 1, count: 6).span)
      let gradient = tape.gradient(of: x)?.array ?? []
      #expect(gradient.allSatisfy { !$0.isNaN })
      return values
    }
    #expect(values { $0.exp($1) } == [0, 0, 0, .infinity, .infinity, .infinity])
    #expect(values { $0.sigmoid($1) } == [0, 0, 0, 1, 1, 1])
    #expect(values { $0.softplus($1) } == [0, 0, 0, 110, 200, 1e4])
    #expect(values { $0.logSigmoid($1) } == [-1e4, -200, -104.5, -0, -0, -0])
    #expect(values { $0.tanh($1) } == [-1, -1, -1, 1, 1, 1])
    #expect(values { $0.gelu($1) } == [0, 0, 0, 110, 200, 1e4])
    #expect(values { $0.squareRoot($0.relu($1)) }.allSatisfy { !$0.isNaN })
  }

  @Test func notANumberStaysVisible() {
    let functions: [(inout Tape, Value) -> Value] = [
      { $0.exp($1) }, { $0.log($1) }, { $0.tanh($1) }, { $0.sigmoid($1) }, { $0.logSigmoid($1) },
      { $0.softplus($1) }, { $0.relu($1) }, { $0.gelu($1) }, { $0.squareRoot($1) },
      { $0.max($1) }, { $0.sum($1) }, { $0.softmax($1) }, { $0.logSoftmax($1) },
      { $0.max($1, axis: 0) },
    ]
    for count in [1, 40] {
      for (i, function) in functions.enumerated() {
        var tape = GradientCheck.poisonedTape()
        var values = [Float](repeating: 1, count: count)
        values[count / 2] = .nan
        let y = function(&tape, tape.constant(values.span, Shape(count)))
        #expect(tape.values(of: y).array.contains { $0.isNaN }, "function \(i)")
      }
    }
  }

  @Test func outsideTheDomain() {
    var tape = GradientCheck.poisonedTape()
    let values: [Float] = [0, -1, .infinity]
    let y = tape.values(of: tape.log(tape.constant(values.span, Shape(3))))
    #expect(y[0] == -.infinity && y[1].isNaN && y[2] == .infinity)
  }
}
