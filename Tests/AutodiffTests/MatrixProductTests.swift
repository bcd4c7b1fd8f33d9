import Autodiff
import Tensors
import Testing

@Suite struct MatrixProductTests {
  private func product(
    _ a: Input, _ b: Input, _ count: Int, _ m: Int, _ k: Int, _ n: Int, shared: Bool,
    transposed: Bool
  ) -> [Double] {
    var values: [Double] = []
    for i in 0..<count {
      for row in 0..<m {
        for column in 0..<n {
          values.append(
            (0..<k).reduce(0.0) { sum, inner in
              let place = transposed ? column * k + inner : inner * n + column
              return sum + Double(a.values[(i * m + row) * k + inner])
                * Double(b.values[(shared ? 0 : i * k * n) + place])
            })
        }
      }
    }
    return values
  }

  @Test(arguments: [(1, 1, 1), (2, 3, 4), (5, 1, 2), (1, 7, 1), (3, 17, 5)])
  func matrices(_ m: Int, _ k: Int, _ n: Int) {
    for transposed in [false, true] {
      let a = Input.random(Shape(m, k), seed: 1)
      let b = Input.random(transposed ? Shape(n, k) : Shape(k, n), seed: 2)
      let expected = product(a, b, 1, m, k, n, shared: true, transposed: transposed)
      GradientCheck(a, b, expecting: expected, shape: Shape(m, n)) {
        $0.matmul($1[0], $1[1], transposingRight: transposed)
      }
    }
  }

  @Test func batches() {
    for (shared, transposed) in [(false, false), (false, true), (true, false), (true, true)] {
      let a = Input.random(Shape(3, 2, 4), seed: 1)
      let b =
        shared
        ? Input.random(transposed ? Shape(5, 4) : Shape(4, 5), seed: 2)
        : Input.random(transposed ? Shape(3, 5, 4) : Shape(3, 4, 5), seed: 2)
      let expected = product(a, b, 3, 2, 4, 5, shared: shared, transposed: transposed)
      GradientCheck(a, b, expecting: expected, shape: Shape(3, 2, 5)) {
        $0.matmul($1[0], $1[1], transposingRight: transposed)
      }
    }
  }

  @Test func oneMatrixAsBothOperands() {
    let a = Input.random(Shape(3, 3))
    GradientCheck(a) { $0.matmul($1[0], $1[0]) }
    GradientCheck(a) { $0.matmul($1[0], $1[0], transposingRight: true) }
  }

  @Test func countsItsOperations() {
    var tape = GradientCheck.poisonedTape()
    let a = tape.variable([Float](repeating: 1, count: 6).span, Shape(2, 3))
    let b = tape.variable([Float](repeating: 1, count: 12).span, Shape(3, 4))
    let y = tape.matmul(a, b)
    #expect(tape.productOperations == 2 * 2 * 3 * 4)
    tape.backward(from: y, gradient: [Float](repeating: 1, count: 8).span)
    #expect(tape.productOperations == 3 * 2 * 2 * 3 * 4)
  }

  @Test func shapesThatDoNotMeet() async {
    await #expect(processExitsWith: .failure) {
      var tape = GradientCheck.poisonedTape()
      let a = tape.constant([Float](repeating: 0, count: 6).span, Shape(2, 3))
      _ = tape.matmul(a, a)
    }
  }
}
