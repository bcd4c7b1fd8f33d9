import Autodiff
import Tensors
import Testing

/// The forms of attention with products in bfloat16 against the same in 32 bits, which
/// AttentionFormTests compare with double precision.
///
/// The limits are those of AttentionPrecisionTests and for the same reason: 1e-2 of a row's length,
/// 5e-2 for rows of two numbers, which do not average. The gradient of a bias is a sum over many
/// pairs of terms of both signs, each off by up to 2⁻⁸ of itself; 2e-2 of the table's length.
@Suite struct AttentionFormPrecisionTests {
  /// The last sequence draws dropout from more than one segment.
  private static let offsets: [Int32] = [0, 1, 6, 54, 54, 103, 233, 1350]
  private static let rows = 1350

  private struct Outcome: Equatable {
    var y, queries, keys, bias: [Float]
  }

  private func attend(
    _ attention: AttentionCase, _ precision: Precision, rate: Float, queryOffsets: [Int32],
    _ placement: QueryPlacement, recording: Bool = true
  ) -> Outcome {
    var table = ParameterTable()
    let inputs = attention.parameters
    let handles = inputs.enumerated().map {
      table.add("\($0.offset)", $0.element.shape, decays: true)
    }
    let store = Parameters(table)
    for (handle, input) in zip(handles, inputs) { store[handle].copy(from: input.values.span) }
    let options = attention.options(handles, positions: 1117, rate: rate)
    let queries = Int(queryOffsets[queryOffsets.count - 1])
    let gradients = recording ? Storage(count: table.count) : nil
    var tape = Tape(store, gradients: gradients, reduced: ReducedWeights(store, precision))
    _ = tape.constant([Float](repeating: .nan, count: 4_000_000).span, Shape(4_000_000))
    tape.reset()
    tape.dropoutKey = DropoutKey(seed: 77, step: 3)
    let shapes = [Shape(queries, options.queryColumns), Shape(Self.rows, 2 * options.keyColumns)]
    let x = shapes.enumerated().map { i, shape in
      tape.variable(
        Input.random(shape, -1.5...1.5, seed: UInt64(i + 4)).values.span, shape)
    }
    let identity = (0..<Int32(queries)).map { 1000 - 3 * $0 }
    let y = tape.attention(
      tape.scale(x[0], by: 1),
      PackedRows(
        offsets: tape.indices(queryOffsets.span), identity: tape.indices(identity.span)),
      placement, keysAndValues: tape.scale(x[1], by: 1),
      offsets: tape.indices(Self.offsets.span), options)
    var outcome = Outcome(y: tape.values(of: y).array, queries: [], keys: [], bias: [])
    guard recording else { return outcome }
    tape.backward(from: y, gradient: Input.random(shapes[0], -1...1, seed: 6).values.span)
    outcome.queries = tape.gradient(of: x[0])?.array ?? []
    outcome.keys = tape.gradient(of: x[1])?.array ?? []
    outcome.bias = gradients?.array ?? []
    return outcome
  }

  @Test(arguments: AttentionCase.all, [Float(0), 0.25])
  func isNear(_ attention: AttentionCase, _ rate: Float) {
    let some: [Int32] = [0, 1, 2, 50, 50, 51, 52, 105]
    for (queryOffsets, placement) in [
      (Self.offsets, QueryPlacement.first), (some, .first), (some, .last),
    ] {
      func attend(_ precision: Precision, recording: Bool = true) -> Outcome {
        self.attend(
          attention, precision, rate: rate, queryOffsets: queryOffsets, placement,
          recording: recording)
      }
      let exact = attend(.f32)
      let found = attend(.bf16)
      let width = attention.heads * attention.head
      let keyWidth = 2 * attention.keyValueHeads * attention.head
      let limit = attention.head < 8 ? 5e-2 : 1e-2
      #expect(rowDistance(found.y, exact.y, columns: width) < limit)
      // The softmax of a single key has no gradient to compare.
      if attention.mask != .window(radius: 0) {
        #expect(rowDistance(found.queries, exact.queries, columns: width) < limit)
      }
      #expect(rowDistance(found.keys, exact.keys, columns: keyWidth) < limit)
      if !exact.bias.isEmpty {
        #expect(rowDistance(found.bias, exact.bias, columns: exact.bias.count) < 2e-2)
      }
      #expect((found != exact) == RowKernels.hasBF16Attention, "rounded where there are products")
      #expect(attend(.bf16) == found, "the same bits again")
      #expect(attend(.bf16, recording: false).y == found.y)
      #expect(attend(.int8, recording: false).y == found.y)
    }
  }
}
