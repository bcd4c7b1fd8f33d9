import Autodiff
import Tensors
import Testing

@Suite struct PoolingTests {
  private static let offsets: [Int32] = [0, 1, 4, 5, 11]

  private func expected(_ x: Input, _ width: Int, _ pooling: SequencePooling) -> [Double] {
    zip(Self.offsets, Self.offsets.dropFirst()).flatMap { start, end in
      (0..<width).map { column in
        let values = (start..<end).map { x.doubles[Int($0) * width + column] }
        return switch pooling {
        case .first: values[0]
        case .last: values[values.count - 1]
        case .mean: values.reduce(0, +) / Double(values.count)
        case .max: values.max() ?? 0
        }
      }
    }
  }

  @Test(arguments: SequencePooling.allCases, [1, 5, 48])
  func pooling(_ pooling: SequencePooling, _ width: Int) {
    let x = Input.distinct(Shape(11, width), seed: 3)
    let identity = (0..<11).map { Int32($0) }
    GradientCheck(x, expecting: expected(x, width, pooling), shape: Shape(4, width)) {
      let rows = PackedRows(
        offsets: $0.indices(Self.offsets.span), identity: $0.indices(identity.span))
      return $0.pool($1[0], rows, by: pooling)
    }
  }

  @Test(arguments: SequencePooling.allCases)
  func oneRow(_ pooling: SequencePooling) {
    let offsets: [Int32] = [0, 1]
    let identity: [Int32] = [5]
    GradientCheck(Input([3, -4], Shape(1, 2)), expecting: [3, -4], shape: Shape(1, 2)) {
      let rows = PackedRows(
        offsets: $0.indices(offsets.span), identity: $0.indices(identity.span))
      return $0.pool($1[0], rows, by: pooling)
    }
  }

  /// A sequence without rows has no first or last one: the result would be a row of another
  /// sequence.
  @Test func sequenceWithoutRows() async {
    await #expect(processExitsWith: .failure) {
      var tape = GradientCheck.poisonedTape()
      let offsets: [Int32] = [0, 0, 2]
      let identity: [Int32] = [0, 1]
      let x = tape.constant([Float](repeating: 0, count: 2).span, Shape(2, 1))
      let rows = PackedRows(
        offsets: tape.indices(offsets.span), identity: tape.indices(identity.span))
      _ = tape.pool(x, rows, by: .first)
    }
  }
}
