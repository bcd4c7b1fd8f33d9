import Autodiff
import Foundation
import Tensors
import Testing

/// Attention with products in bfloat16 against attention in 32 bits, which AttentionTests compare
/// with double precision.
///
/// A rounded operand is off by up to 2⁻⁹ of itself, so that a row of the result is off by a few
/// thousandths of its length; 1e-2 leaves room, and a column left out of a row of a hundred, or
/// counted twice, moves the row by more. Rows of one number do not average: 5e-2.
@Suite struct AttentionPrecisionTests {
  /// Lengths around the 48 rows of a block, the 16 columns of a register and the pairs of a
  /// product, of one row, and none; the last two draw dropout from more than one counter and one
  /// segment.
  private static let offsets: [Int32] = [0, 1, 6, 54, 54, 103, 233, 282, 1350]
  private static let rows = 1350

  private struct Outcome: Equatable {
    var y, queries, keys: [Float]
  }

  private static let parameters = Parameters(ParameterTable())

  /// Queries `[Q, width]` over keys and values `[T, 2·width]`, and the gradients of a random sum.
  private func attend(
    _ precision: Precision, heads: Int, head: Int, rate: Float, queryOffsets: [Int32],
    recording: Bool = true
  ) -> Outcome {
    let width = heads * head
    let queries = Int(queryOffsets[queryOffsets.count - 1])
    var tape = Tape(
      Self.parameters, gradients: recording ? Storage(count: 0) : nil,
      reduced: ReducedWeights(Self.parameters, precision))
    _ = tape.constant([Float](repeating: .nan, count: 4_000_000).span, Shape(4_000_000))
    tape.reset()
    tape.dropoutKey = DropoutKey(seed: 77, step: 3)
    let q = tape.variable(Input.random(Shape(queries, width), -2...2, seed: 4))
    let kv = tape.variable(Input.random(Shape(Self.rows, 2 * width), -2...2, seed: 5))
    let identity = (0..<Int32(queries)).map { 1000 - 3 * $0 }
    let packed = PackedRows(
      offsets: tape.indices(queryOffsets.span), identity: tape.indices(identity.span))
    let y = tape.attention(
      tape.scale(q, by: 1), packed, keysAndValues: tape.scale(kv, by: 1),
      offsets: tape.indices(Self.offsets.span), heads: heads, dropout: rate)
    var outcome = Outcome(y: tape.values(of: y).array, queries: [], keys: [])
    guard recording else { return outcome }
    tape.backward(
      from: y, gradient: Input.random(Shape(queries, width), -1...1, seed: 6).values.span)
    outcome.queries = tape.gradient(of: q)?.array ?? []
    outcome.keys = tape.gradient(of: kv)?.array ?? []
    return outcome
  }

  /// Head sizes that fill registers and that do not; all rows of a sequence, and some.
  @Test(
    arguments: [(3, 8), (2, 32), (2, 20), (1, 48), (1, 64), (1, 80), (1, 1)], [Float(0), 0.25])
  func isNear(_ size: (heads: Int, head: Int), _ rate: Float) {
    for queryOffsets: [Int32] in [Self.offsets, [0, 1, 2, 3, 3, 53, 54, 54, 56]] {
      let (heads, head) = size
      func attend(_ precision: Precision, recording: Bool = true) -> Outcome {
        self.attend(
          precision, heads: heads, head: head, rate: rate, queryOffsets: queryOffsets,
          recording: recording)
      }
      let exact = attend(.f32)
      let found = attend(.bf16)
      let (width, limit) = (heads * head, head == 1 ? 5e-2 : 1e-2)
      #expect(rowDistance(found.y, exact.y, columns: width) < limit)
      #expect(rowDistance(found.queries, exact.queries, columns: width) < limit)
      #expect(rowDistance(found.keys, exact.keys, columns: 2 * width) < limit)
      #expect((found != exact) == RowKernels.hasBF16Attention, "rounded where there are products")
      #expect(attend(.bf16) == found, "the same bits again")
      #expect(attend(.bf16, recording: false).y == found.y)
      #expect(attend(.int8, recording: false).y == found.y)
    }
  }

  /// Scores of ±10000 neither overflow nor leave the true softmax, which is 1 for the largest, by
  /// more than powers of two are off.
  @Test func largeScores() {
    var values = [Float](repeating: 0, count: 4 * 3 * 16)
    for row in 0..<4 {
      values[row * 48] = 200
      values[row * 48 + 16] = row == 2 ? 200 : -200
      values[row * 48 + 32] = Float(row)
    }
    var tape = Tape(Self.parameters, reduced: ReducedWeights(Self.parameters, .bf16))
    let offsets: [Int32] = [0, 4]
    let identity: [Int32] = [0, 1, 2, 3]
    let rows = PackedRows(
      offsets: tape.indices(offsets.span), identity: tape.indices(identity.span))
    let x = tape.constant(values.span, Shape(4, 48))
    let y = tape.values(of: tape.selfAttention(x, rows, heads: 1, dropout: 0)).array
    for row in 0..<4 { #expect(abs(y[row * 16] - 2) < 1e-5) }
  }
}

extension Tape {
  fileprivate mutating func variable(_ input: Input) -> Value {
    variable(input.values.span, input.shape)
  }
}

/// The largest distance of a row from its counterpart, in lengths of that and an average row
/// together.
func rowDistance(_ a: [Float], _ b: [Float], columns: Int) -> Double {
  #expect(a.count == b.count && !a.isEmpty && a.count % columns == 0)
  func squares(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }
  let average = (squares(b.map(Double.init)) * Double(columns) / Double(b.count)).squareRoot()
  return (0..<a.count / columns).map { row in
    let own = row * columns..<(row + 1) * columns
    let difference = squares(zip(a[own], b[own]).map { Double($0) - Double($1) }).squareRoot()
    return difference / (squares(b[own].map(Double.init)).squareRoot() + average)
  }.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
}
