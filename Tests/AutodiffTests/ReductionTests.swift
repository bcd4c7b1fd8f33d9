import Autodiff
import Foundation
import Tensors
import Testing

@Suite struct ReductionTests {
  /// The values of each list along an axis, list by list in the order of the result.
  private func lists(_ x: Input, axis: Int) -> [[Double]] {
    let extents = x.shape.array
    let outer = extents[..<axis].reduce(1, *)
    let inner = extents[(axis + 1)...].reduce(1, *)
    return (0..<outer * inner).map { list in
      (0..<extents[axis]).map {
        x.doubles[(list / inner * extents[axis] + $0) * inner + list % inner]
      }
    }
  }

  @Test(arguments: [
    [5], [1], [3, 4], [4, 1], [2, 3, 4], [2, 2, 3, 2], [2, 70, 3], [3, 2, 70],
  ])
  func alongAnAxis(_ extents: [Int]) throws {
    let shape = try #require(Shape(extents))
    let x = Input.distinct(shape, seed: 5)
    for axis in extents.indices {
      var reduced = extents
      reduced.remove(at: axis)
      let lists = lists(x, axis: axis)
      let sums = lists.map { $0.reduce(0, +) }
      let extent = Double(extents[axis])
      let kept = shape.replacing(axis: axis, with: 1)
      GradientCheck(x, expecting: sums, shape: Shape(reduced)) { $0.sum($1[0], axis: axis) }
      GradientCheck(x, expecting: sums.map { $0 / extent }, shape: kept) {
        $0.mean($1[0], axis: axis, keepAxis: true)
      }
      GradientCheck(x, expecting: lists.map { $0.max() ?? 0 }, shape: kept) {
        $0.max($1[0], axis: axis, keepAxis: true)
      }
      GradientCheck(x, expecting: lists.map { $0.max() ?? 0 }, shape: Shape(reduced)) {
        $0.max($1[0], axis: axis)
      }
    }
  }

  @Test func ofEverything() {
    let x = Input.distinct(Shape(5, 7))
    GradientCheck(x, expecting: [x.doubles.reduce(0, +)], shape: Shape()) { $0.sum($1[0]) }
    GradientCheck(x, expecting: [x.doubles.reduce(0, +) / 35], shape: Shape()) { $0.mean($1[0]) }
    GradientCheck(x, expecting: [x.doubles.max() ?? 0], shape: Shape()) { $0.max($1[0]) }
  }

  /// The largest value in each place, on either side of the width of vectors; NaN in each place.
  @Test func largestInEveryPlace() {
    for count in [1, 7, 15, 16, 17, 31, 32, 33, 50] {
      for place in 0..<count {
        var values = (0..<count).map { -100 - Float($0) }
        var tape = GradientCheck.poisonedTape()
        values[place] = -1
        #expect(tape.values(of: tape.max(tape.constant(values.span, Shape(count))))[0] == -1)
        values[place] = .nan
        #expect(tape.values(of: tape.max(tape.constant(values.span, Shape(count))))[0].isNaN)
      }
    }
  }

  @Test func ofNothing() {
    let none = Input([], Shape(0, 3))
    GradientCheck(none, expecting: [0]) { $0.sum($1[0]) }
    GradientCheck(none, expecting: [0]) { $0.mean($1[0]) }
    GradientCheck(none, expecting: [0]) { $0.max($1[0]) }
    GradientCheck(none, expecting: [0, 0, 0]) { $0.mean($1[0], axis: 0) }
    GradientCheck(none, expecting: []) { $0.sum($1[0], axis: 1) }
  }

  /// Where two values are the largest, the central difference with respect to either is one half.
  @Test func tiesShareTheGradient() {
    GradientCheck(Input([1, 3, 2, 3], Shape(4)), expecting: [3]) { $0.max($1[0]) }
    GradientCheck(Input([1, 3, 5, 0, 5, 3], Shape(3, 2)), expecting: [5, 3]) {
      $0.max($1[0], axis: 0)
    }
    var tape = GradientCheck.poisonedTape()
    let x = tape.variable([Float](repeating: 7, count: 8).span, Shape(8))
    tape.backward(from: tape.max(x))
    #expect(tape.gradient(of: x)?.array == [Float](repeating: 0.125, count: 8))
  }

  /// Ten million sevenths: summed one by one in single precision they would be off by 1e-2. They are
  /// summed in lanes, whose number is the processor's: 16 lanes are off by less than 2e-7, the 4 of
  /// the lowest level by 5.3e-7.
  @Test func longSumsStayAccurate() {
    var tape = GradientCheck.poisonedTape()
    let seventh: Float = 1 / 7
    let count = 10_000_000
    let x = tape.constant([Float](repeating: seventh, count: count).span, Shape(count))
    let sum = tape.sum(x)
    let expected = Double(seventh) * Double(count)
    #expect(abs(Double(tape.values(of: sum)[0]) / expected - 1) < 1e-6)
  }

  @Test(arguments: [[5], [3, 4], [2, 3, 17], [4, 1], [2, 2, 2, 3]])
  func softmax(_ extents: [Int]) throws {
    let x = Input.random(try #require(Shape(extents)), seed: 6)
    let probabilities = lists(x, axis: extents.count - 1).flatMap { list in
      let sum = list.reduce(0) { $0 + exp($1) }
      return list.map { exp($0) / sum }
    }
    GradientCheck(x, expecting: probabilities, shape: x.shape) { $0.softmax($1[0]) }
    GradientCheck(x, expecting: probabilities.map { log($0) }, shape: x.shape) {
      $0.logSoftmax($1[0])
    }
  }

  @Test func softmaxOfExtremes() {
    var tape = GradientCheck.poisonedTape()
    let values: [Float] = [1e4, 1e4 - 1, -1e4, -.infinity]
    let x = tape.variable(values.span, Shape(4))
    let p = tape.values(of: tape.softmax(x)).array
    let logarithm = tape.logSoftmax(x)
    let log = tape.values(of: logarithm).array
    let first = 1 / (1 + Foundation.exp(-1.0))
    compare(p, [first, 1 - first, 0, 0], 1e-6, "probability")
    compare(
      Array(log[0..<3]),
      [Foundation.log(first), Foundation.log(1 - first), Foundation.log(first) - 2e4], 1e-6,
      "logarithm")
    #expect(log[3] == -.infinity)
    tape.backward(from: logarithm, gradient: ([1, 0, 0, 0] as [Float]).span)
    compare(tape.gradient(of: x)?.array ?? [], [1 - first, first - 1, 0, 0], 1e-6, "gradient")
  }
}
