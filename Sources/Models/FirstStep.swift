import Autodiff
import Tensors

/// The first step of a decoder: a row for each sequence, computed from the encoder's states.
struct FirstStep: Sendable {
  private let start: Int32
  private let words: EmbeddingParameters
  private let layers: [FirstStepLayer]
  private let finalNorm: NormParameters
  private let dropout: Float

  /// Adds the decoder's parameters to a table, under the names of the blueprint. `words` are the
  /// token embeddings, which it shares with the encoder.
  init(
    _ parts: FirstStepBlueprint, of model: Blueprint, words: Parameter,
    in table: inout ParameterTable
  ) {
    start = Int32(parts.start)
    self.words = EmbeddingParameters(words: words)
    layers = parts.layers.map { FirstStepLayer($0, of: model, in: &table) }
    finalNorm = NormParameters(parts.finalNorm, model.hiddenSize, in: &table)
    dropout = model.embeddingDropout
  }

  /// Maps the encoder's states `[T, hidden]` to the decoder's first state of each sequence, `[B,
  /// hidden]`. Frozen embeddings are not recorded.
  func callAsFunction(
    _ states: Value, _ batch: PlacedBatch, frozen: FrozenParts, on tape: inout Tape
  ) -> Value {
    let (token, zero): (InlineArray<1, Int32>, InlineArray<1, Int32>) = ([start], [0])
    let ends: InlineArray<2, Int32> = [0, Int32(batch.singleRows.identity.count)]
    let none = tape.indices(zero.span)
    tape.isPaused = frozen.embeddings
    let row = tape.embedding(
      TokenRows(ids: tape.indices(token.span), places: none, types: none, identity: none), words,
      dropout: 0)
    let rows = tape.sequenceBroadcast(row, tape.indices(ends.span))
    tape.isPaused = false
    var x = tape.dropout(rows, rate: dropout, identity: batch.singleRows.identity)
    for layer in layers { x = layer(x, states, batch, on: &tape) }
    tape.finish(states)
    let y = tape.norm(x, finalNorm)
    tape.finish(x)
    return y
  }
}

/// One layer of the first step.
private struct FirstStepLayer: Sendable {
  private let selfNorm, crossNorm, feedForwardNorm: NormParameters?
  /// The value of the token, which is what attention to itself gives.
  private let value, selfOutput: DenseParameters
  private let query, output: DenseParameters
  /// Keys and values of the encoder's states, joined, so that one product computes both.
  private let keysAndValues: DenseParameters
  private let attention: AttentionOptions
  private let feedForward: FeedForwardParameters
  private let attentionDropout, feedForwardDropout: Float

  init(
    _ layer: FirstStepBlueprint.Layer, of model: Blueprint, in table: inout ParameterTable
  ) {
    let (own, cross) = (layer.selfAttention, layer.crossAttention)
    guard case .separate(let ownQuery, let ownKey, let ownValue) = own.projection,
      case .separate(let crossQuery, let key, let crossValue) = cross.projection
    else { preconditionFailure("\(layer.name): joined projections in a decoder's step") }
    func norm(_ part: NormBlueprint?) -> NormParameters? {
      part.map { NormParameters($0, model.hiddenSize, in: &table) }
    }
    selfNorm = norm(own.norm)
    for idle in [ownQuery, ownKey] { _ = DenseParameters(idle, in: &table) }
    value = DenseParameters(ownValue, in: &table)
    if case .relative(let name, let buckets, _, _) = own.positions {
      _ = table.add(name + ".weight", Shape(buckets, own.heads), decays: true)
    }
    selfOutput = DenseParameters(own.output, in: &table)
    crossNorm = norm(cross.norm)
    query = DenseParameters(crossQuery, in: &table)
    keysAndValues = DenseParameters(joining: [key, crossValue], in: &table)
    output = DenseParameters(cross.output, in: &table)
    var options = AttentionOptions(
      heads: cross.heads, keyValueHeads: cross.keyValueHeads, headWidth: cross.headWidth,
      scale: cross.scale)
    options.dropout = model.attentionDropout
    attention = options
    feedForwardNorm = norm(layer.feedForward.norm)
    feedForward = FeedForwardParameters(layer.feedForward, in: &table)
    (attentionDropout, feedForwardDropout) = (model.attentionOutputDropout, model.hiddenDropout)
  }

  /// Maps `x` `[B, hidden]` to the layer's output of the same shape; `states` are the encoder's, `[T,
  /// hidden]`.
  func callAsFunction(
    _ x: Value, _ states: Value, _ batch: PlacedBatch, on tape: inout Tape
  ) -> Value {
    let identity = batch.singleRows.identity
    let selfInput = normed(x, selfNorm, on: &tape)
    let value = tape.linear(selfInput, value)
    if selfInput != x { tape.finish(selfInput) }
    let afterSelf = tape.residual(
      x, tape.linear(value, selfOutput), dropout: attentionDropout, identity: identity)
    tape.finish(value)
    tape.finish(x)

    let crossInput = normed(afterSelf, crossNorm, on: &tape)
    let queries = tape.linear(crossInput, query)
    if crossInput != afterSelf { tape.finish(crossInput) }
    let projected = tape.linear(states, keysAndValues)
    let context = tape.attention(
      queries, batch.singleRows, keysAndValues: projected, offsets: batch.rows.offsets, attention)
    tape.finish(queries)
    tape.finish(projected)
    let afterCross = tape.residual(
      afterSelf, tape.linear(context, output), dropout: attentionDropout, identity: identity)
    tape.finish(context)
    tape.finish(afterSelf)

    let feedForwardInput = normed(afterCross, feedForwardNorm, on: &tape)
    let y = tape.residual(
      afterCross, tape.feedForward(feedForwardInput, feedForward), dropout: feedForwardDropout,
      identity: identity)
    if feedForwardInput != afterCross { tape.finish(feedForwardInput) }
    tape.finish(afterCross)
    return y
  }

  private func normed(_ x: Value, _ norm: NormParameters?, on tape: inout Tape) -> Value {
    norm.map { tape.norm(x, $0) } ?? x
  }
}
