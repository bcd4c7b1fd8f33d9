import Autodiff
import Foundation
import Tensors
import Testing

/// A size of disentangled attention, and which products with positions it has.
struct DisentangledCase: Sendable, CustomStringConvertible {
  let heads, head, span: Int
  let maximumDistance: Int?
  let hasKeys, hasQueries: Bool

  var description: String {
    "\(heads) × \(head)" + (hasKeys ? ", c2p" : "") + (hasQueries ? ", p2c" : "")
      + (maximumDistance.map { ", \(span) buckets to \($0)" } ?? ", \(span) distances")
  }

  /// Heads that fill registers and that do not; tables that the longest sequence exceeds and not.
  static let all = [
    DisentangledCase(
      heads: 2, head: 32, span: 16, maximumDistance: 90, hasKeys: true, hasQueries: true),
    DisentangledCase(
      heads: 3, head: 8, span: 200, maximumDistance: nil, hasKeys: true, hasQueries: true),
    DisentangledCase(
      heads: 2, head: 20, span: 24, maximumDistance: nil, hasKeys: true, hasQueries: false),
    DisentangledCase(
      heads: 2, head: 16, span: 6, maximumDistance: 40, hasKeys: false, hasQueries: true),
    DisentangledCase(
      heads: 1, head: 1, span: 3, maximumDistance: nil, hasKeys: true, hasQueries: true),
  ]

  func options(positions: Int, rate: Float) -> DisentangledOptions {
    var options = DisentangledOptions(
      heads: heads, headWidth: head,
      places: RelativePlaces(span: span, maximumDistance: maximumDistance, positions: positions),
      hasPositionKeys: hasKeys, hasPositionQueries: hasQueries)
    options.dropout = rate
    return options
  }
}

/// Against the formula in double precision, one query and one key at a time.
@Suite struct DisentangledAttentionTests {
  private let key = DropoutKey(seed: 77, step: 3)

  /// Lengths around the 96 rows of a block and the 16 keys of a group, of one row, and none.
  private static let offsets: [Int32] = [0, 1, 6, 102, 102, 135, 245]
  private static let rows = 245

  private func identity(_ rows: Int) -> [Int32] { (0..<Int32(rows)).map { 1000 - 3 * $0 } }

  /// `positions` `[range.count, queries and keys side by side]`.
  private func reference(
    _ options: DisentangledOptions, _ range: Range<Int>, queries: [Double], keys: [Double],
    values: [Double], positions: [Double], queryOffsets: [Int32], keyOffsets: [Int32],
    _ placement: QueryPlacement, identity: [Int32]
  ) -> [Double] {
    let (heads, head, width) = (options.heads, options.headWidth, options.columns)
    let mask = DropoutReference(key: key, site: 1, rate: options.dropout)
    let keyColumn = options.hasPositionQueries ? width : 0
    var result = [Double](repeating: 0, count: queries.count)
    for s in 0..<queryOffsets.count - 1 {
      let own = Int(keyOffsets[s])..<Int(keyOffsets[s + 1])
      let asking = Int(queryOffsets[s])..<Int(queryOffsets[s + 1])
      let first = placement == .first ? 0 : own.count - asking.count
      for (i, row) in asking.enumerated() {
        for h in 0..<heads {
          let q = row * width + h * head
          let scores = own.enumerated().map { j, key -> Double in
            let place = options.places.place(of: first + i - j) - range.lowerBound
            let k = key * width + h * head
            let p = place * options.positionColumns + h * head
            var sum = 0.0
            for c in 0..<head {
              sum += queries[q + c] * keys[k + c]
              if options.hasPositionKeys { sum += queries[q + c] * positions[p + keyColumn + c] }
              if options.hasPositionQueries { sum += keys[k + c] * positions[p + c] }
            }
            return sum * Double(options.scale)
          }
          let top = scores.max() ?? 0
          let powers = scores.map { exp($0 - top) }
          let total = powers.reduce(0, +)
          let kept = mask.factors(
            row: Int(identity[row]), columns: own.count, firstSegment: h << 6)
          for (j, key) in own.enumerated() {
            let share = powers[j] / total * kept[j]
            for c in 0..<head { result[q + c] += share * values[key * width + h * head + c] }
          }
        }
      }
    }
    return result
  }

  private func columns(_ x: [Double], _ columns: Range<Int>, of stride: Int) -> [Double] {
    (0..<x.count / stride).flatMap { row in
      x[row * stride + columns.lowerBound..<row * stride + columns.upperBound]
    }
  }

  @Test(arguments: DisentangledCase.all, [Float(0), 0.25])
  func selfAttention(_ attention: DisentangledCase, _ rate: Float) {
    let options = attention.options(positions: 130, rate: rate)
    let width = options.columns
    let range = options.places.places(ofLength: 110)
    let identity = identity(Self.rows)
    let x = Input.random(Shape(Self.rows, 3 * width), -1...1, seed: 4)
    let positions = Input.random(Shape(range.count, options.positionColumns), -1...1, seed: 5)
    LayerCheck(parameters: [], inputs: [x, positions], dropout: key, samples: 15) { _, x in
      reference(
        options, range, queries: columns(x[0], 0..<width, of: 3 * width),
        keys: columns(x[0], width..<2 * width, of: 3 * width),
        values: columns(x[0], 2 * width..<3 * width, of: 3 * width), positions: x[1],
        queryOffsets: Self.offsets, keyOffsets: Self.offsets, .first, identity: identity)
    } _: { tape, _, x in
      tape.disentangledAttention(
        tape.scale(x[0], by: 1),
        PackedRows(
          offsets: tape.indices(Self.offsets.span), identity: tape.indices(identity.span)),
        PositionProjections(tape.scale(x[1], by: 1), range), options)
    }
  }

  /// The first or last rows of each sequence, none and more than a block of them; the rows of
  /// positions begin before those that are needed.
  @Test(arguments: DisentangledCase.all, [QueryPlacement.first, .last])
  func someRows(_ attention: DisentangledCase, _ placement: QueryPlacement) {
    let options = attention.options(positions: 130, rate: 0.25)
    let width = options.columns
    let range = options.places.places(ofLength: 130)
    let starts: [Int32] = [0, 1, 2, 35, 35, 36, 136]
    let identity = identity(136)
    let queries = Input.random(Shape(136, width), -1...1, seed: 5)
    let pairs = Input.random(Shape(Self.rows, 2 * width), -1...1, seed: 6)
    let positions = Input.random(Shape(range.count, options.positionColumns), -1...1, seed: 7)
    LayerCheck(
      parameters: [], inputs: [queries, pairs, positions], dropout: key, samples: 10
    ) { _, x in
      reference(
        options, range, queries: x[0], keys: columns(x[1], 0..<width, of: 2 * width),
        values: columns(x[1], width..<2 * width, of: 2 * width), positions: x[2],
        queryOffsets: starts, keyOffsets: Self.offsets, placement, identity: identity)
    } _: { tape, _, x in
      tape.disentangledAttention(
        tape.scale(x[0], by: 1),
        PackedRows(offsets: tape.indices(starts.span), identity: tape.indices(identity.span)),
        placement, keysAndValues: tape.scale(x[1], by: 1),
        offsets: tape.indices(Self.offsets.span),
        PositionProjections(tape.scale(x[2], by: 1), range), options)
    }
  }

  /// A row alone gives the bits that it has among all rows.
  @Test(arguments: DisentangledCase.all, [QueryPlacement.first, .last])
  func oneRowAlone(_ attention: DisentangledCase, _ placement: QueryPlacement) {
    let options = attention.options(positions: 130, rate: 0.25)
    let (width, offsets) = (options.columns, [0, 7, 106] as [Int32])
    let range = options.places.places(ofLength: 99)
    let x = Input.random(Shape(106, 3 * width), -1...1, seed: 7).values
    let positions = Input.random(Shape(range.count, options.positionColumns), -1...1, seed: 8)
    var tape = Tape(Parameters(ParameterTable()))
    tape.dropoutKey = key
    let all = tape.disentangledAttention(
      tape.constant(x.span, Shape(106, 3 * width)),
      PackedRows(
        offsets: tape.indices(offsets.span), identity: tape.indices(identity(106).span)),
      PositionProjections(tape.constant(positions.values.span, positions.shape), range), options)
    let whole = tape.values(of: all).array
    tape.reset()
    let rows = placement == .first ? [0, 7] : [6, 105]
    let stride = 3 * width
    let asking: [Float] = rows.flatMap { row in x[row * stride..<row * stride + width] }
    let pairs: [Float] = (0..<106).flatMap { row in x[row * stride + width..<(row + 1) * stride] }
    let names = rows.map { identity(106)[$0] }
    let starts: [Int32] = [0, 1, 2]
    let alone = tape.disentangledAttention(
      tape.constant(asking.span, Shape(2, width)),
      PackedRows(offsets: tape.indices(starts.span), identity: tape.indices(names.span)), placement,
      keysAndValues: tape.constant(pairs.span, Shape(106, 2 * width)),
      offsets: tape.indices(offsets.span),
      PositionProjections(tape.constant(positions.values.span, positions.shape), range), options)
    let found = tape.values(of: alone).array
    for (i, row) in rows.enumerated() {
      #expect(
        found[i * width..<(i + 1) * width].elementsEqual(whole[row * width..<(row + 1) * width]))
    }
  }

  private struct Outcome: Equatable {
    var y, x, positions: [Float]
  }

  private func attend(
    _ attention: DisentangledCase, _ precision: Precision, rate: Float, recording: Bool = true
  ) -> Outcome {
    // The last sequence draws dropout from more than one segment.
    let offsets: [Int32] = [0, 1, 6, 54, 54, 233, 1300]
    let options = attention.options(positions: 1067, rate: rate)
    let range = options.places.places(ofLength: 1067)
    let store = Parameters(ParameterTable())
    let gradients = recording ? Storage(count: 0) : nil
    var tape = Tape(store, gradients: gradients, reduced: ReducedWeights(store, precision))
    _ = tape.constant([Float](repeating: .nan, count: 4_000_000).span, Shape(4_000_000))
    tape.reset()
    tape.dropoutKey = key
    let shapes = [
      Shape(1300, 3 * options.columns), Shape(range.count, options.positionColumns),
    ]
    let x = shapes.enumerated().map { i, shape in
      tape.variable(Input.random(shape, -1.5...1.5, seed: UInt64(i + 4)).values.span, shape)
    }
    let y = tape.disentangledAttention(
      tape.scale(x[0], by: 1),
      PackedRows(offsets: tape.indices(offsets.span), identity: tape.indices(identity(1300).span)),
      PositionProjections(tape.scale(x[1], by: 1), range), options)
    var outcome = Outcome(y: tape.values(of: y).array, x: [], positions: [])
    guard recording else { return outcome }
    let shape = Shape(1300, options.columns)
    tape.backward(from: y, gradient: Input.random(shape, -1...1, seed: 6).values.span)
    outcome.x = tape.gradient(of: x[0])?.array ?? []
    outcome.positions = tape.gradient(of: x[1])?.array ?? []
    return outcome
  }

  /// Products in bfloat16 against the same in 32 bits, with the limits of
  /// AttentionFormPrecisionTests and for the same reasons; positions are sums over many pairs.
  @Test(arguments: DisentangledCase.all, [Float(0), 0.25])
  func bfloat16IsNear(_ attention: DisentangledCase, _ rate: Float) {
    let (exact, found) = (
      attend(attention, .f32, rate: rate), attend(attention, .bf16, rate: rate)
    )
    let options = attention.options(positions: 1, rate: 0)
    let limit = attention.head < 8 ? 5e-2 : 1e-2
    #expect(rowDistance(found.y, exact.y, columns: options.columns) < limit)
    #expect(rowDistance(found.x, exact.x, columns: 3 * options.columns) < limit)
    #expect(
      rowDistance(found.positions, exact.positions, columns: exact.positions.count) < 2e-2)
    #expect((found != exact) == RowKernels.hasBF16Attention, "rounded where there are products")
    #expect(attend(attention, .bf16, rate: rate) == found, "the same bits again")
    #expect(attend(attention, .bf16, rate: rate, recording: false).y == found.y)
    #expect(attend(attention, .int8, rate: rate, recording: false).y == found.y)
  }

  /// The work that is counted: a product for each term, and one with the values.
  @Test func countedWork() {
    for attention in DisentangledCase.all {
      var tape = GradientCheck.poisonedTape(recording: false)
      let options = attention.options(positions: 100, rate: 0)
      let range = options.places.places(ofLength: 100)
      let x = Input.random(Shape(100, 3 * options.columns), seed: 3)
      let positions = Input.random(Shape(range.count, options.positionColumns), seed: 4)
      let offsets: [Int32] = [0, 100]
      _ = tape.disentangledAttention(
        tape.constant(x.values.span, x.shape),
        PackedRows(
          offsets: tape.indices(offsets.span), identity: tape.indices(identity(100).span)),
        PositionProjections(tape.constant(positions.values.span, positions.shape), range), options)
      let terms = 1 + (attention.hasKeys ? 1 : 0) + (attention.hasQueries ? 1 : 0)
      #expect(tape.productOperations == Double(2 * (1 + terms) * options.columns * 100 * 100))
    }
  }
}
