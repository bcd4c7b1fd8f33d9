import Autodiff
import Tensors
import Testing

/// Masks, positions, biases and shared heads, each and together.
struct AttentionCase: Sendable, CustomTestStringConvertible {
  var heads = 3
  var keyValueHeads = 3
  var head = 16
  var mask = AttentionMask.full
  var isRotary = false
  /// How many buckets a bias has, and whether directions have buckets of their own.
  var buckets: (count: Int, isBidirectional: Bool)?
  var scale: Float?
  /// Whether each head's queries, and keys, have a norm.
  var norms = (query: false, key: false)
  var cap: Float?

  static let epsilon: Float = 1e-3
  static let shift: Float = 0.5

  static let all: [AttentionCase] = [
    AttentionCase(mask: .causal),
    AttentionCase(mask: .window(radius: 5)),
    AttentionCase(mask: .window(radius: 64)),
    AttentionCase(mask: .window(radius: 0)),
    AttentionCase(mask: .window(radius: 10_000)),
    AttentionCase(mask: .causalWindow(radius: 20)),
    AttentionCase(isRotary: true),
    AttentionCase(heads: 1, keyValueHeads: 1, head: 2, isRotary: true),
    AttentionCase(buckets: (8, true)),
    AttentionCase(heads: 4, keyValueHeads: 2, head: 20),
    AttentionCase(heads: 3, keyValueHeads: 1, head: 48, scale: 0.25),
    AttentionCase(heads: 4, keyValueHeads: 2, mask: .window(radius: 17), isRotary: true),
    AttentionCase(mask: .causal, buckets: (6, false), scale: 1),
    AttentionCase(
      heads: 4, keyValueHeads: 1, head: 24, mask: .causalWindow(radius: 40), isRotary: true,
      buckets: (10, true)),
    AttentionCase(mask: .causal, isRotary: true, norms: (true, true)),
    AttentionCase(heads: 4, keyValueHeads: 2, head: 20, norms: (true, true)),
    AttentionCase(norms: (false, true), cap: 0.5),
    AttentionCase(
      heads: 4, keyValueHeads: 2, mask: .causalWindow(radius: 20), isRotary: true, scale: 0.5,
      norms: (true, false), cap: 1.5),
    AttentionCase(mask: .causal, buckets: (6, false), cap: 2),
  ]

  var testDescription: String {
    """
    \(heads)/\(keyValueHeads) heads of \(head), \(mask)\(isRotary ? ", rotary" : "")\
    \(buckets.map { ", \($0.count) buckets" } ?? "")\(norms.query ? ", query norm" : "")\
    \(norms.key ? ", key norm" : "")\(cap.map { ", cap \($0)" } ?? "")
    """
  }

  /// A base that is small enough for all angles to matter in short sequences.
  func options(_ parameters: [Parameter], positions: Int, rate: Float) -> AttentionOptions {
    var options = AttentionOptions(
      heads: heads, keyValueHeads: keyValueHeads, headWidth: head, scale: scale)
    options.mask = mask
    options.dropout = rate
    if isRotary { options.rotary = RotaryTable(base: 100, width: head, positions: positions) }
    let learned = parts(parameters)
    if let table = learned.bias, let relative {
      options.bias = RelativePositionBias(table: table, buckets: relative)
    }
    func norm(_ gamma: Parameter) -> NormParameters {
      NormParameters(.rms, gamma: gamma, beta: nil, epsilon: Self.epsilon, shift: Self.shift)
    }
    options.queryNorm = learned.query.map(norm)
    options.keyNorm = learned.key.map(norm)
    options.cap = cap
    return options
  }

  /// The table of biases and the weights of the norms among a case's parameters.
  func parts<Part>(_ parameters: [Part]) -> (bias: Part?, query: Part?, key: Part?) {
    var rest = parameters[...]
    let bias = buckets == nil ? nil : rest.popFirst()
    let query = norms.query ? rest.popFirst() : nil
    return (bias, query, norms.key ? rest.popFirst() : nil)
  }

  var relative: RelativeBuckets? {
    buckets.map {
      RelativeBuckets(count: $0.count, maximumDistance: 30, isBidirectional: $0.isBidirectional)
    }
  }

  /// The parameters of a check: the table of biases and the weights of norms where there are any.
  var parameters: [Input] {
    (buckets.map { [Input.random(Shape($0.count, heads), -1...1, seed: 8)] } ?? [])
      + (norms.query ? [Input.random(Shape(head), -1...1, seed: 9)] : [])
      + (norms.key ? [Input.random(Shape(head), -1...1, seed: 10)] : [])
  }
}

@Suite struct AttentionFormTests {
  private let key = DropoutKey(seed: 77, step: 3)

  /// Lengths around the 48 rows of a block and the 16 columns of a register, of one row, none, and
  /// several short ones.
  private static let offsets: [Int32] = [0, 1, 6, 54, 54, 103, 233, 235, 236, 239]
  private static let rows = 239

  private func identity(_ rows: Int) -> [Int32] { (0..<Int32(rows)).map { 1000 - 3 * $0 } }

  private func reference(
    _ options: AttentionOptions, _ queryOffsets: [Int32], _ placement: QueryPlacement,
    _ identity: [Int32]
  ) -> AttentionReference {
    let mask = DropoutReference(key: key, site: 1, rate: options.dropout)
    return AttentionReference(
      options: options, queryOffsets: queryOffsets, keyOffsets: Self.offsets, placement: placement
    ) { row, head, columns in
      mask.factors(row: Int(identity[row]), columns: columns, firstSegment: head << 6)
    }
  }

  /// The columns of a matrix with rows of `stride`.
  private func columns(_ x: [Double], _ columns: Range<Int>, of stride: Int) -> [Double] {
    (0..<x.count / stride).flatMap { row in
      x[row * stride + columns.lowerBound..<row * stride + columns.upperBound]
    }
  }

  /// A case's options with a table of biases that only the reference reads.
  private func referenceOptions(_ attention: AttentionCase, _ rate: Float) -> AttentionOptions {
    var table = ParameterTable()
    let parameters = attention.parameters.enumerated().map {
      table.add("\($0.offset)", $0.element.shape, decays: true)
    }
    return attention.options(parameters, positions: 130, rate: rate)
  }

  @Test(arguments: AttentionCase.all, [Float(0), 0.25])
  func selfAttention(_ attention: AttentionCase, _ rate: Float) {
    let options = referenceOptions(attention, rate)
    let (width, keyWidth) = (options.queryColumns, options.keyColumns)
    let stride = width + 2 * keyWidth
    let x = Input.random(Shape(Self.rows, stride), -1...1, seed: 4)
    let identity = identity(Self.rows)
    let reference = reference(options, Self.offsets, .first, identity)
    LayerCheck(parameters: attention.parameters, inputs: [x], dropout: key, samples: 12) { p, x in
      reference.with(attention, p).attend(
        queries: columns(x[0], 0..<width, of: stride),
        keys: columns(x[0], width..<width + keyWidth, of: stride),
        values: columns(x[0], width + keyWidth..<stride, of: stride),
        bias: attention.parts(p).bias)
    } _: { tape, p, x in
      let rows = PackedRows(
        offsets: tape.indices(Self.offsets.span), identity: tape.indices(identity.span))
      return tape.selfAttention(
        tape.scale(x[0], by: 1), rows,
        attention.options(p, positions: 130, rate: rate))
    }
  }

  /// The first or last rows of each sequence look at those that the mask lets them see: one, none,
  /// and more than a block.
  @Test(arguments: AttentionCase.all, [QueryPlacement.first, .last])
  func someRows(_ attention: AttentionCase, _ placement: QueryPlacement) {
    let rate: Float = 0.25
    let starts: [Int32] = [0, 1, 2, 50, 50, 51, 52, 52, 53, 55]
    let keyOffsets = Self.offsets
    let options = referenceOptions(attention, rate)
    let keyWidth = options.keyColumns
    let queries = Input.random(Shape(55, options.queryColumns), -1...1, seed: 5)
    let pairs = Input.random(Shape(Self.rows, 2 * keyWidth), -1...1, seed: 6)
    let identity = identity(55)
    let reference = reference(options, starts, placement, identity)
    LayerCheck(
      parameters: attention.parameters, inputs: [queries, pairs], dropout: key, samples: 12
    ) { p, x in
      reference.with(attention, p).attend(
        queries: x[0], keys: columns(x[1], 0..<keyWidth, of: 2 * keyWidth),
        values: columns(x[1], keyWidth..<2 * keyWidth, of: 2 * keyWidth),
        bias: attention.parts(p).bias)
    } _: { tape, p, x in
      let rows = PackedRows(
        offsets: tape.indices(starts.span), identity: tape.indices(identity.span))
      return tape.attention(
        tape.scale(x[0], by: 1), rows, placement, keysAndValues: tape.scale(x[1], by: 1),
        offsets: tape.indices(keyOffsets.span),
        attention.options(p, positions: 130, rate: rate))
    }
  }

  /// The last row alone gives the bits that it has among all rows.
  @Test(arguments: AttentionCase.all)
  func lastRowAlone(_ attention: AttentionCase) {
    let (store, handles) = parameters(attention)
    let options = attention.options(handles, positions: 130, rate: 0.25)
    let (width, keyWidth) = (options.queryColumns, options.keyColumns)
    let stride = width + 2 * keyWidth
    let offsets: [Int32] = [0, 7, 106]
    let x = Input.random(Shape(106, stride), -1...1, seed: 7).values
    var tape = Tape(store)
    tape.dropoutKey = key
    let all = tape.selfAttention(
      tape.constant(x.span, Shape(106, stride)),
      PackedRows(
        offsets: tape.indices(offsets.span), identity: tape.indices(identity(106).span)), options)
    let whole = tape.values(of: all).array
    tape.reset()
    let lasts = [6, 105].flatMap { x[$0 * stride..<$0 * stride + width] }
    let pairs = (0..<106).flatMap { x[$0 * stride + width..<($0 + 1) * stride] }
    let names = [6, 105].map { identity(106)[$0] }
    let (starts, ends): ([Int32], [Int32]) = ([0, 1, 2], offsets)
    let alone = tape.attention(
      tape.constant(lasts.span, Shape(2, width)),
      PackedRows(offsets: tape.indices(starts.span), identity: tape.indices(names.span)), .last,
      keysAndValues: tape.constant(pairs.span, Shape(106, 2 * keyWidth)),
      offsets: tape.indices(ends.span), options)
    let found = tape.values(of: alone).array
    for (i, row) in [6, 105].enumerated() {
      for column in 0..<width {
        #expect(found[i * width + column] == whole[row * width + column])
      }
    }
  }

  private func parameters(_ attention: AttentionCase) -> (Parameters, [Parameter]) {
    var table = ParameterTable()
    let inputs = attention.parameters
    let handles = inputs.enumerated().map {
      table.add("\($0.offset)", $0.element.shape, decays: true)
    }
    let store = Parameters(table)
    for (handle, input) in zip(handles, inputs) { store[handle].copy(from: input.values.span) }
    return (store, handles)
  }

  /// The work that is counted is the work of what the mask lets through.
  @Test(
    arguments: [
      (AttentionMask.full, 100 * 100), (.causal, 5050), (.window(radius: 3), 7 * 100 - 12),
      (.causalWindow(radius: 3), 4 * 100 - 6), (.window(radius: 500), 100 * 100),
      (.window(radius: .max), 100 * 100),
    ])
  func countedWork(_ mask: AttentionMask, _ pairs: Int) {
    var tape = GradientCheck.poisonedTape(recording: false)
    let x = Input.random(Shape(100, 3 * 16), seed: 3)
    let offsets: [Int32] = [0, 100]
    var options = AttentionOptions(heads: 2, headWidth: 8)
    options.mask = mask
    _ = tape.selfAttention(
      tape.constant(x.values.span, x.shape),
      PackedRows(offsets: tape.indices(offsets.span), identity: tape.indices(identity(100).span)),
      options)
    #expect(tape.productOperations == Double(2 * 2 * 16 * pairs))
  }
}

extension AttentionReference {
  /// The same with the weights of a case's norms.
  fileprivate func with(_ attention: AttentionCase, _ p: [[Double]]) -> AttentionReference {
    var reference = self
    reference.norms = (attention.parts(p).query, attention.parts(p).key)
    return reference
  }
}
