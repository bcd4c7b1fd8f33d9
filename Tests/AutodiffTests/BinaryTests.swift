import Autodiff
import Tensors
import Testing

@Suite struct BinaryTests {
  /// Two operands read by NumPy's rules, one result value at a time.
  private func broadcast(
    _ a: Input, _ b: Input, _ f: (Double, Double) -> Double
  ) -> (values: [Double], shape: Shape) {
    let rank = max(a.shape.rank, b.shape.rank)
    let aExtents = [Int](repeating: 1, count: rank - a.shape.rank) + a.shape.array
    let bExtents = [Int](repeating: 1, count: rank - b.shape.rank) + b.shape.array
    let extents = zip(aExtents, bExtents).map { $0 == 1 ? $1 : $0 }
    let values = (0..<extents.reduce(1, *)).map { flat in
      var rest = flat
      var (aPlace, bPlace, aStep, bStep) = (0, 0, 1, 1)
      for axis in stride(from: rank - 1, through: 0, by: -1) {
        let place = rest % extents[axis]
        rest /= extents[axis]
        if aExtents[axis] > 1 { aPlace += place * aStep }
        if bExtents[axis] > 1 { bPlace += place * bStep }
        aStep *= aExtents[axis]
        bStep *= bExtents[axis]
      }
      return f(Double(a.values[aPlace]), Double(b.values[bPlace]))
    }
    return (values, Shape(extents) ?? Shape())
  }

  @Test(arguments: [
    ([], []), ([5], [5]), ([], [3]), ([3], [1]), ([2, 3], [3]), ([2, 3], [2, 1]), ([3], [2, 1]),
    ([4, 1], [1, 3]), ([1, 1], [2, 3]), ([2, 3, 4], [3, 4]), ([2, 3, 4], [2, 1, 4]),
    ([2, 1, 4], [3, 1]), ([2, 3, 1], [2, 3, 4]), ([2, 3, 2, 3], [3, 1, 3]),
    ([2, 1, 2, 1], [1, 3, 1, 3]), ([1, 17], [2, 17]), ([33, 2], [2]), ([0, 3], [3]),
    ([1, 3], [0, 3]), ([2, 1, 3], [2, 2, 3]),
  ])
  func broadcasting(_ first: [Int], _ second: [Int]) throws {
    for (aExtents, bExtents) in [(first, second), (second, first)] {
      let a = Input.random(try #require(Shape(aExtents)), seed: 3)
      // Away from 0, where a quotient has no finite derivatives.
      let b = Input.random(try #require(Shape(bExtents)), 0.5...2, seed: 4)
      let sum = broadcast(a, b, +)
      GradientCheck(a, b, expecting: sum.values, shape: sum.shape) { $0.add($1[0], $1[1]) }
      GradientCheck(a, b, expecting: broadcast(a, b, -).values) { $0.subtract($1[0], $1[1]) }
      GradientCheck(a, b, expecting: broadcast(a, b, *).values) { $0.multiply($1[0], $1[1]) }
      GradientCheck(a, b, expecting: broadcast(a, b, /).values) { $0.divide($1[0], $1[1]) }
    }
  }

  @Test func oneValueAsBothOperands() {
    let x = Input.random(Shape(4, 3), 0.5...2)
    GradientCheck(x, expecting: x.doubles.map { $0 * $0 }) { $0.multiply($1[0], $1[0]) }
    GradientCheck(x, expecting: x.doubles.map { $0 + $0 }) { $0.add($1[0], $1[0]) }
    GradientCheck(x, expecting: x.doubles.map { _ in 0 }) { $0.subtract($1[0], $1[0]) }
    GradientCheck(x, expecting: x.doubles.map { _ in 1 }) { $0.divide($1[0], $1[0]) }
  }

  @Test func shapesThatDoNotMeet() async {
    await #expect(processExitsWith: .failure) {
      var tape = GradientCheck.poisonedTape()
      let a = tape.constant([Float](repeating: 0, count: 6).span, Shape(2, 3))
      let b = tape.constant([Float](repeating: 0, count: 2).span, Shape(2))
      _ = tape.add(a, b)
    }
  }
}
