import Autodiff
import Batches
import Tensors

/// One layer: attention and a feed-forward layer, each with a residual connection, and norms after
/// the sums or before the sublayers.
struct EncoderLayer: Sendable {
  /// Queries, keys and values are joined, so that one product computes all three.
  let projection: DenseParameters
  let attention: AttentionOptions
  let lengthScaling: LengthScaling?
  /// What attention has in addition if it has keys and queries of relative positions.
  let disentangled: DisentangledPart?
  let output: DenseParameters
  let attentionNorm: NormParameters?
  /// The norms of the sublayers' results, before they are added.
  let outputNorms: (attention: NormParameters?, feedForward: NormParameters?)
  let feedForward: FeedForwardParameters
  let feedForwardNorm: NormParameters?
  let convolution: Convolution?
  let normPlacement: LayerBlueprint.NormPlacement
  let attentionDropout: Float
  let feedForwardDropout: Float

  /// Adds the layer's parameters to a table; `rotary` returns the rotations of heads of a width.
  /// `places` are the rows of the encoder's relative positions, if it has any.
  init(
    _ layer: LayerBlueprint, of model: Blueprint, in table: inout ParameterTable,
    places: RelativePlaces?, rotary: (RotaryKey) -> RotaryTable
  ) {
    normPlacement = layer.normPlacement
    attentionDropout = model.attentionOutputDropout
    feedForwardDropout = model.hiddenDropout
    let width = model.hiddenSize
    let parts = layer.attention
    func norm(_ part: NormBlueprint?) -> NormParameters? {
      part.map { NormParameters($0, width, in: &table) }
    }
    let isPre = layer.normPlacement == .pre
    precondition(
      isPre || parts.norm != nil && layer.feedForward.norm != nil,
      "\(layer.name): a norm behind a sum is missing")
    let before = isPre ? norm(parts.norm) : nil
    switch parts.projection {
    case .separate(let query, let key, let value):
      projection = DenseParameters(joining: [query, key, value], in: &table)
    case .joined(let dense): projection = DenseParameters(dense, in: &table)
    }
    var options = AttentionOptions(
      heads: parts.heads, keyValueHeads: parts.keyValueHeads, headWidth: parts.headWidth,
      scale: parts.scale)
    options.mask = parts.mask
    options.dropout = model.attentionDropout
    options.cap = parts.cap
    options.queryNorm = parts.queryNorm.map { NormParameters($0, parts.headWidth, in: &table) }
    options.keyNorm = parts.keyNorm.map { NormParameters($0, parts.headWidth, in: &table) }
    var disentangled: DisentangledPart?
    switch parts.positions {
    case .none: break
    case .disentangled(let positions):
      guard let places else { preconditionFailure("\(layer.name): positions without a table") }
      disentangled = DisentangledPart(
        positions, places, options, projection, dropout: model.hiddenDropout, in: &table)
    case .rotary(let base, let scaling):
      options.rotary = rotary(RotaryKey(base: base, scaling: scaling, width: parts.headWidth))
    case .relative(let name, let buckets, let distance, let isBidirectional):
      let name = name + ".weight"
      options.bias = RelativePositionBias(
        table: table[name] ?? table.add(name, Shape(buckets, parts.heads), decays: true),
        buckets: RelativeBuckets(
          count: buckets, maximumDistance: distance, isBidirectional: isBidirectional))
    }
    attention = options
    lengthScaling = parts.lengthScaling
    self.disentangled = disentangled
    output = DenseParameters(parts.output, in: &table)
    attentionNorm = isPre ? before : norm(parts.norm)
    let attentionOutputNorm = norm(parts.outputNorm)
    let feed = layer.feedForward
    let feedNorm = isPre ? norm(feed.norm) : nil
    feedForward = FeedForwardParameters(feed, in: &table)
    feedForwardNorm = isPre ? feedNorm : norm(feed.norm)
    outputNorms = (attentionOutputNorm, norm(feed.outputNorm))
    convolution = layer.convolution.map {
      Convolution($0, columns: width, dropout: model.hiddenDropout, in: &table)
    }
  }

  /// Maps `x` `[T, hidden]` to the layer's output of the same shape. `positions` are the relative
  /// positions of the batch, if the encoder has a table of them.
  func callAsFunction(
    _ x: Value, _ batch: PlacedBatch, _ positions: PlacedPositions?, on tape: inout Tape
  ) -> Value {
    if let shared = batch.shared { return sharing(x, batch, shared, on: &tape) }
    let convolved = convolution?(x, batch, on: &tape)
    let read = readByAttention(x, on: &tape)
    let projected = scaled(
      tape.linear(read, projection, identity: batch.rows.identity), batch.rows, of: batch.rows,
      on: &tape)
    if read != x { tape.finish(read) }
    let context: Value
    if let disentangled, let positions {
      let places = disentangled.project(positions, on: &tape)
      context = tape.disentangledAttention(projected, batch.rows, places, disentangled.options)
      tape.finish(places.value)
    } else {
      context = tape.selfAttention(projected, batch.rows, attention)
    }
    tape.finish(projected)
    let y = rest(x, context, identity: batch.rows.identity, on: &tape)
    return joined(y, convolved, on: &tape)
  }

  /// The layer's output for only the first or the last row of each sequence, `[B, hidden]`.
  func some(
    _ x: Value, _ batch: PlacedBatch, _ positions: PlacedPositions?, _ placement: QueryPlacement,
    on tape: inout Tape
  ) -> Value {
    if let shared = batch.shared { return lastSharing(x, batch, shared, on: &tape) }
    let pooling: SequencePooling = placement == .first ? .first : .last
    let convolved = convolution?(x, batch, on: &tape)
    let read = readByAttention(x, on: &tape)
    let chosen = tape.pool(x, batch.rows, by: pooling)
    let queryInput = read == x ? chosen : tape.pool(read, batch.rows, by: pooling)
    let (columns, all) = (attention.queryColumns, projection.outputs)
    let queries = scaled(
      tape.linear(
        queryInput, projection.rows(0..<columns), identity: batch.singleRows.identity),
      batch.singleRows, of: batch.rows, on: &tape)
    if queryInput != chosen { tape.finish(queryInput) }
    let keysAndValues = tape.linear(
      read, projection.rows(columns..<all), identity: batch.rows.identity)
    if read != x { tape.finish(read) }
    tape.finish(x)
    let context: Value
    if let disentangled, let positions {
      let places = disentangled.project(positions, on: &tape)
      context = tape.disentangledAttention(
        queries, batch.singleRows, placement, keysAndValues: keysAndValues,
        offsets: batch.rows.offsets, places, disentangled.options)
      tape.finish(places.value)
    } else {
      context = tape.attention(
        queries, batch.singleRows, placement, keysAndValues: keysAndValues,
        offsets: batch.rows.offsets, attention)
    }
    tape.finish(queries)
    tape.finish(keysAndValues)
    let y = rest(chosen, context, identity: batch.singleRows.identity, on: &tape)
    guard let convolved else { return y }
    return joined(y, tape.pool(convolved, batch.rows, by: pooling), on: &tape)
  }

  /// The layer's output with that of the convolution beside it, if there is one.
  private func joined(_ y: Value, _ convolved: Value?, on tape: inout Tape) -> Value {
    guard let convolution, let convolved else { return y }
    return convolution.joined(y, convolved, on: &tape)
  }

  /// The input of attention: the rows themselves, or normalised in a pre-norm layer.
  func readByAttention(_ x: Value, on tape: inout Tape) -> Value {
    guard normPlacement == .pre, let attentionNorm else { return x }
    return tape.norm(x, attentionNorm)
  }

  /// Projected rows, of which the queries have the factor of their sequence's length, if any.
  private func scaled(
    _ projected: Value, _ rows: PackedRows, of sequences: PackedRows, on tape: inout Tape
  ) -> Value {
    guard let lengthScaling else { return projected }
    let y = tape.lengthScaled(
      projected, columns: attention.queryColumns, rows.offsets, lengths: sequences.offsets,
      by: lengthScaling)
    tape.finish(projected)
    return y
  }

  /// The part of the layer after attention, row by row.
  func rest(
    _ x: Value, _ context: Value, identity: Indices, on tape: inout Tape
  ) -> Value {
    let attended = normed(
      tape.linear(context, output, identity: identity), outputNorms.attention, on: &tape)
    let middle = sum(x, attended, attentionNorm, attentionDropout, identity, on: &tape)
    let read: Value
    if normPlacement == .pre, let feedForwardNorm {
      read = tape.norm(middle, feedForwardNorm)
    } else {
      read = middle
    }
    let fed = normed(
      tape.feedForward(read, feedForward, identity: identity), outputNorms.feedForward, on: &tape)
    let y = sum(middle, fed, feedForwardNorm, feedForwardDropout, identity, on: &tape)
    tape.finish(x)
    tape.finish(context)
    if normPlacement == .post {
      tape.finish(attended)
      tape.finish(fed)
    }
    if read != middle { tape.finish(read) }
    tape.finish(middle)
    return y
  }

  private func normed(_ x: Value, _ norm: NormParameters?, on tape: inout Tape) -> Value {
    guard let norm else { return x }
    let y = tape.norm(x, norm)
    tape.finish(x)
    return y
  }

  /// The residual connection around a sublayer, followed by the norm in a post-norm layer.
  private func sum(
    _ x: Value, _ h: Value, _ norm: NormParameters?, _ dropout: Float, _ identity: Indices,
    on tape: inout Tape
  ) -> Value {
    if normPlacement == .post, let norm {
      return tape.residualNorm(x, h, norm, dropout: dropout, identity: identity)
    }
    return tape.residual(x, h, dropout: dropout, identity: identity)
  }
}

extension FeedForwardParameters {
  /// Adds the parameters of a feed-forward layer to a table.
  init(_ layer: FeedForwardBlueprint, in table: inout ParameterTable) {
    let up: Up =
      switch layer.up {
      case .plain(let dense): .plain(DenseParameters(dense, in: &table))
      case .joined(let dense): .joined(DenseParameters(dense, in: &table))
      case .gated(let gate, let up):
        .gated(gate: DenseParameters(gate, in: &table), up: DenseParameters(up, in: &table))
      case .joinedGateLast(let dense):
        .gateLast(DenseParameters(dense, in: &table))
      }
    self.init(
      up: up, down: DenseParameters(layer.down, in: &table), activation: layer.activation)
  }
}

extension FeedForwardParameters.Up {
  /// Gate and up as two products of the halves of one linear layer, of which the gate is the second.
  static func gateLast(_ both: DenseParameters) -> Self {
    let half = both.outputs / 2
    return .gated(gate: both.rows(half..<both.outputs), up: both.rows(0..<half))
  }
}
