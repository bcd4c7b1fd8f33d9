import Autodiff
import Tensors
import Testing

@Suite struct AttentionTests {
  private let key = DropoutKey(seed: 77, step: 3)

  /// Lengths around the 48 rows of a block and the 16 columns of a register, of one row, and none.
  private static let offsets: [Int32] = [0, 1, 6, 54, 54, 103, 233]

  private func identity(_ rows: Int) -> [Int32] { (0..<Int32(rows)).map { 1000 - 3 * $0 } }

  private func factors(_ rate: Float, _ identity: [Int32]) -> (Int, Int, Int) -> [Double] {
    let mask = DropoutReference(key: key, site: 1, rate: rate)
    return { row, head, keys in
      mask.factors(row: Int(identity[row]), columns: keys, firstSegment: head << 6)
    }
  }

  /// Head sizes that fill registers and that do not.
  @Test(arguments: [(3, 8), (2, 32), (2, 20), (1, 1)], [Float(0), 0.25])
  func selfAttention(_ size: (heads: Int, head: Int), _ rate: Float) {
    let (heads, head) = size
    let (rows, width) = (233, heads * head)
    let x = Input.random(Shape(rows, 3 * width), -1...1, seed: 4)
    let identity = identity(rows)
    let factors = factors(rate, identity)
    LayerCheck(parameters: [], inputs: [x], dropout: key, samples: 20) { _, x in
      func part(_ number: Int) -> [Double] {
        (0..<rows).flatMap { row in
          x[0][(3 * row + number) * width..<(3 * row + number + 1) * width]
        }
      }
      return Reference.attention(
        queries: part(0), keys: part(1), values: part(2), queryOffsets: Self.offsets,
        keyOffsets: Self.offsets, heads: heads, head: head, factors: factors)
    } _: { tape, _, x in
      let packed = PackedRows(
        offsets: tape.indices(Self.offsets.span), identity: tape.indices(identity.span))
      return tape.selfAttention(tape.scale(x[0], by: 1), packed, heads: heads, dropout: rate)
    }
  }

  /// Some rows of each sequence look at all of them: none, one, and more than a block.
  @Test(arguments: [(3, 8), (2, 20)], [Float(0), 0.25])
  func attentionOfSomeRows(_ size: (heads: Int, head: Int), _ rate: Float) {
    let (heads, head) = size
    let (rows, width) = (233, heads * head)
    let queryOffsets: [Int32] = [0, 1, 2, 3, 3, 53, 54]
    let queries = Input.random(Shape(54, width), -1...1, seed: 5)
    let pairs = Input.random(Shape(rows, 2 * width), -1...1, seed: 6)
    let identity = identity(54)
    let factors = factors(rate, identity)
    LayerCheck(parameters: [], inputs: [queries, pairs], dropout: key, samples: 20) { _, x in
      func part(_ number: Int) -> [Double] {
        (0..<rows).flatMap { row in
          x[1][(2 * row + number) * width..<(2 * row + number + 1) * width]
        }
      }
      return Reference.attention(
        queries: x[0], keys: part(0), values: part(1), queryOffsets: queryOffsets,
        keyOffsets: Self.offsets, heads: heads, head: head, factors: factors)
    } _: { tape, _, x in
      let rows = PackedRows(
        offsets: tape.indices(queryOffsets.span), identity: tape.indices(identity.span))
      return tape.attention(
        tape.scale(x[0], by: 1), rows, keysAndValues: tape.scale(x[1], by: 1),
        offsets: tape.indices(Self.offsets.span), heads: heads, dropout: rate)
    }
  }

  /// Scores of ±10000 neither overflow nor leave the true softmax, which is 1 for the largest.
  @Test func largeScores() {
    var values = [Float](repeating: 0, count: 4 * 3 * 16)
    for row in 0..<4 {
      values[row * 48] = 200
      values[row * 48 + 16] = row == 2 ? 200 : -200
      values[row * 48 + 32] = Float(row)
    }
    var tape = GradientCheck.poisonedTape(recording: false)
    let offsets: [Int32] = [0, 4]
    let identity: [Int32] = [0, 1, 2, 3]
    let rows = PackedRows(
      offsets: tape.indices(offsets.span), identity: tape.indices(identity.span))
    let x = tape.constant(values.span, Shape(4, 48))
    let y = tape.values(of: tape.selfAttention(x, rows, heads: 1, dropout: 0)).array
    for row in 0..<4 { #expect(y[row * 16] == 2) }
  }
}
