import Autodiff
import Tensors
import Testing

@Suite struct LayoutTests {
  @Test func transpose() {
    let matrix = Input.random(Shape(3, 5))
    GradientCheck(
      matrix, expecting: (0..<15).map { matrix.doubles[$0 % 3 * 5 + $0 / 3] }, shape: Shape(5, 3)
    ) { $0.transpose($1[0]) }
    GradientCheck(matrix, expecting: matrix.doubles, shape: Shape(3, 5)) {
      $0.transpose($1[0], 1, 1)
    }
    let x = Input.random(Shape(2, 3, 4, 5))
    for first in 0..<4 {
      for second in 0..<4 {
        var extents = [2, 3, 4, 5]
        extents.swapAt(first, second)
        let expected = (0..<120).map { flat in
          var rest = flat
          var place = [0, 0, 0, 0]
          for axis in [3, 2, 1, 0] {
            place[axis] = rest % extents[axis]
            rest /= extents[axis]
          }
          place.swapAt(first, second)
          return x.doubles[((place[0] * 3 + place[1]) * 4 + place[2]) * 5 + place[3]]
        }
        GradientCheck(x, expecting: expected, shape: Shape(extents)) {
          $0.transpose($1[0], first, second)
        }
      }
    }
  }

  @Test func reshape() {
    let x = Input.random(Shape(2, 6))
    GradientCheck(x, expecting: x.doubles, shape: Shape(3, 4)) { $0.reshape($1[0], Shape(3, 4)) }
    GradientCheck(x) { tape, x in
      let view = tape.reshape(x[0], Shape(12))
      return tape.multiply(tape.tanh(view), tape.reshape(tape.sigmoid(x[0]), Shape(12)))
    }
    GradientCheck(x) { tape, x in
      let view = tape.reshape(tape.reshape(tape.exp(x[0]), Shape(12)), Shape(4, 3))
      return tape.matmul(view, tape.reshape(view, Shape(3, 4)))
    }
  }

  @Test(arguments: [
    (0, 0..<2), (0, 1..<3), (1, 0..<4), (1, 1..<2), (2, 3..<5), (0, 1..<1), (1, 4..<4),
  ])
  func slice(_ axis: Int, _ range: Range<Int>) {
    let x = Input.random(Shape(3, 4, 5))
    let expected = (0..<60).filter { range.contains([$0 / 20, $0 / 5 % 4, $0 % 5][axis]) }
      .map { x.doubles[$0] }
    GradientCheck(
      x, expecting: expected, shape: x.shape.replacing(axis: axis, with: range.count)
    ) { $0.slice($1[0], axis: axis, range) }
  }

  @Test func slicesThatOverlap() {
    GradientCheck(Input.random(Shape(4, 6))) { tape, x in
      let columns = tape.multiply(
        tape.slice(x[0], axis: 1, 0..<4), tape.slice(x[0], axis: 1, 2..<6))
      return tape.multiply(tape.slice(columns, axis: 0, 0..<3), tape.slice(columns, axis: 0, 1..<4))
    }
  }

  @Test func gather() {
    let rows: [Int32] = [3, 0, 3, 1, 3]
    let matrix = Input.random(Shape(4, 3))
    GradientCheck(
      matrix, expecting: rows.flatMap { row in (0..<3).map { matrix.doubles[Int(row) * 3 + $0] } },
      shape: Shape(5, 3)
    ) { $0.gather($1[0], $0.indices(rows.span)) }
    let vector = Input.random(Shape(4))
    GradientCheck(vector, expecting: rows.map { vector.doubles[Int($0)] }, shape: Shape(5)) {
      $0.gather($1[0], $0.indices(rows.span))
    }
    let none: [Int32] = []
    GradientCheck(matrix, expecting: [], shape: Shape(0, 3)) {
      $0.gather($1[0], $0.indices(none.span))
    }
    GradientCheck(Input.random(Shape(4, 2, 3)), shape: Shape(5, 2, 3)) {
      $0.gather($1[0], $0.indices(rows.span))
    }
  }

  @Test func gatherOutside() async {
    await #expect(processExitsWith: .failure) {
      var tape = GradientCheck.poisonedTape()
      let rows: [Int32] = [0, -1]
      let x = tape.constant([Float](repeating: 0, count: 6).span, Shape(2, 3))
      _ = tape.gather(x, tape.indices(rows.span))
    }
  }

  @Test func concatenate() {
    let a = Input.random(Shape(2, 3), seed: 1)
    let b = Input.random(Shape(2, 1), seed: 2)
    let c = Input.random(Shape(2, 4), seed: 3)
    let x = a.doubles
    let rows: [[Double]] = (0..<2).map { row in
      [a, b, c].flatMap { part in
        let columns = part.shape.columns
        return part.doubles[row * columns..<(row + 1) * columns]
      }
    }
    GradientCheck(
      a, b, c, expecting: rows[0] + rows[1], shape: Shape(2, 8)
    ) { $0.concatenate($1.span, axis: 1) }
    let d = Input.random(Shape(5, 3), seed: 4)
    GradientCheck(a, d, expecting: x + d.doubles, shape: Shape(7, 3)) {
      $0.concatenate($1[0], $1[1], axis: 0)
    }
    GradientCheck(a, expecting: x + x, shape: Shape(4, 3)) {
      $0.concatenate($1[0], $1[0], axis: 0)
    }
    GradientCheck(a, expecting: x) { $0.concatenate($1.span, axis: 0) }
    GradientCheck(a, Input([], Shape(2, 0)), expecting: x, shape: Shape(2, 3)) {
      $0.concatenate($1[0], $1[1], axis: 1)
    }
    GradientCheck(Input.random(Shape(2, 2, 3)), Input.random(Shape(2, 1, 3)), shape: Shape(2, 3, 3))
    {
      $0.concatenate($1[0], $1[1], axis: 1)
    }
  }
}
