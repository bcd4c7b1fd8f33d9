public import Autodiff
public import Batches
import Tensors

/// The rows of a packed batch on a tape: what is looked up, and where sequences start.
public struct PlacedBatch: Sendable {
  let tokens: TokenRows
  let rows: PackedRows
  /// The first row of each sequence, and each of them a sequence of one row.
  let firstRows: Indices
  let firstOffsets: PackedRows

  /// Copies a batch onto a tape.
  public init(_ batch: borrowing PackedBatch, on tape: inout Tape) {
    let identity = tape.indices(batch.identity.span)
    tokens = TokenRows(
      ids: tape.indices(batch.ids.span), places: tape.indices(batch.places.span),
      types: tape.indices(batch.types.span), identity: identity)
    let offsets = tape.indices(batch.offsets.span)
    rows = PackedRows(offsets: offsets, identity: identity)
    firstRows = tape.indices(batch.offsets.span.extracting(first: batch.sequences))
    firstOffsets = PackedRows(
      offsets: tape.count(to: batch.sequences), identity: tape.indices(batch.members.span))
  }
}

/// A linear layer's parameters: weight `[out, in]`, bias `[out]`.
struct LinearParameters: Sendable {
  let weight: Parameter
  let bias: Parameter

  init(_ name: String, from inner: Int, to outer: Int, in table: inout ParameterTable) {
    weight = table.add(name + ".weight", Shape(outer, inner), decays: true)
    bias = table.add(name + ".bias", Shape(outer), decays: false)
  }

  func callAsFunction(_ x: Value, isExact: Bool = false, on tape: inout Tape) -> Value {
    tape.linear(x, weight, bias, isExact: isExact)
  }
}

extension NormParameters {
  /// Adds a LayerNorm's parameters to a table, both `[width]`.
  init(_ name: String, _ configuration: EncoderConfiguration, in table: inout ParameterTable) {
    let shape = Shape(configuration.hiddenSize)
    let gamma = table.add(name + ".weight", shape, decays: false)
    self.init(
      .layer, gamma: gamma, beta: table.add(name + ".bias", shape, decays: false),
      epsilon: configuration.layerNormEpsilon)
  }
}

/// A BERT encoder (Devlin et al., 2018): embeddings and a stack of layers, over packed sequences.
public struct Encoder: Sendable {
  let configuration: EncoderConfiguration
  let embeddings: EmbeddingParameters
  let layers: [EncoderLayer]

  /// Adds an encoder's parameters to a table, named as in the weight files of BERT with `prefix`
  /// in front.
  public init(
    _ configuration: EncoderConfiguration, prefix: String, in table: inout ParameterTable
  ) {
    let width = configuration.hiddenSize
    let name = prefix + "embeddings."
    let words = table.add(
      name + "word_embeddings.weight", Shape(configuration.vocabularySize, width), decays: true,
      use: .lookup)
    let positions = table.add(
      name + "position_embeddings.weight", Shape(configuration.maximumPositions, width),
      decays: true, use: .lookup)
    let types = table.add(
      name + "token_type_embeddings.weight", Shape(configuration.tokenTypes, width), decays: true,
      use: .lookup)
    embeddings = EmbeddingParameters(
      words: words, positions: positions, types: types,
      norm: NormParameters(name + "LayerNorm", configuration, in: &table))
    layers = (0..<configuration.layers).map {
      EncoderLayer(configuration, name: "\(prefix)encoder.layer.\($0).", in: &table)
    }
    self.configuration = configuration
  }

  /// The representation of every token, `[T, hidden]`.
  public func callAsFunction(_ batch: PlacedBatch, on tape: inout Tape) -> Value {
    var x = embed(batch, on: &tape)
    for layer in layers { x = layer(x, batch, on: &tape) }
    return x
  }

  /// The representation of the first token of every sequence, `[B, hidden]`: the same numbers as
  /// the first rows of all representations, at the cost of one layer less, since of the last
  /// layer only those rows are computed.
  ///
  /// What is frozen from the bottom up is not recorded.
  public func first(
    _ batch: PlacedBatch, frozen: FrozenParts = FrozenParts(), on tape: inout Tape
  ) -> Value {
    let bottom = frozen.bottomLayers ?? -1
    tape.isPaused = bottom >= 0
    var x = embed(batch, on: &tape)
    for (i, layer) in layers.dropLast().enumerated() {
      tape.isPaused = i < bottom
      x = layer(x, batch, on: &tape)
    }
    tape.isPaused = layers.count <= bottom
    let y = layers[layers.count - 1].first(x, batch, on: &tape)
    tape.isPaused = false
    return y
  }

  private func embed(_ batch: PlacedBatch, on tape: inout Tape) -> Value {
    tape.embedding(batch.tokens, embeddings, dropout: configuration.hiddenDropout)
  }
}

/// One layer: self-attention and a feed-forward layer, each with residual and LayerNorm.
struct EncoderLayer: Sendable {
  let configuration: EncoderConfiguration
  /// Queries, keys and values lie one after the other, so one product makes all three.
  let projection: Parameter
  let projectionBias: Parameter
  let output: LinearParameters
  let outputNorm: NormParameters
  let up: LinearParameters
  let down: LinearParameters
  let downNorm: NormParameters

  init(_ configuration: EncoderConfiguration, name: String, in table: inout ParameterTable) {
    let width = configuration.hiddenSize
    self.configuration = configuration
    let parts = ["query", "key", "value"].map { name + "attention.self." + $0 }
    let weights = parts.map { table.add($0 + ".weight", Shape(width, width), decays: true) }
    let biases = parts.map { table.add($0 + ".bias", Shape(width), decays: false) }
    projection = Parameter(joining: weights)
    projectionBias = Parameter(joining: biases)
    output = LinearParameters(name + "attention.output.dense", from: width, to: width, in: &table)
    outputNorm = NormParameters(name + "attention.output.LayerNorm", configuration, in: &table)
    up = LinearParameters(
      name + "intermediate.dense", from: width, to: configuration.innerSize, in: &table)
    down = LinearParameters(
      name + "output.dense", from: configuration.innerSize, to: width, in: &table)
    downNorm = NormParameters(name + "output.LayerNorm", configuration, in: &table)
  }

  func callAsFunction(_ x: Value, _ batch: PlacedBatch, on tape: inout Tape) -> Value {
    let projected = tape.linear(x, projection, projectionBias)
    let context = tape.selfAttention(
      projected, batch.rows, heads: configuration.heads, dropout: configuration.attentionDropout)
    tape.finish(projected)
    return rest(x, context, identity: batch.rows.identity, on: &tape)
  }

  /// Only the first row of each sequence, `[B, hidden]`.
  func first(_ x: Value, _ batch: PlacedBatch, on tape: inout Tape) -> Value {
    let width = configuration.hiddenSize
    let firsts = tape.gather(x, batch.firstRows)
    let queries = tape.linear(
      firsts, projection.rows(0..<width), projectionBias.rows(0..<width))
    let keysAndValues = tape.linear(
      x, projection.rows(width..<3 * width), projectionBias.rows(width..<3 * width))
    tape.finish(x)
    let context = tape.attention(
      queries, batch.firstOffsets, keysAndValues: keysAndValues, offsets: batch.rows.offsets,
      heads: configuration.heads, dropout: configuration.attentionDropout)
    tape.finish(queries)
    tape.finish(keysAndValues)
    return rest(firsts, context, identity: batch.firstOffsets.identity, on: &tape)
  }

  /// What follows attention, row by row.
  private func rest(
    _ x: Value, _ context: Value, identity: Indices, on tape: inout Tape
  ) -> Value {
    let attended = output(context, on: &tape)
    let middle = residual(x, attended, outputNorm, identity, on: &tape)
    let fed = tape.feedForward(
      middle,
      FeedForwardParameters(
        up: DenseParameters(weight: up.weight, bias: up.bias),
        down: DenseParameters(weight: down.weight, bias: down.bias),
        activation: configuration.activation))
    let y = residual(middle, fed, downNorm, identity, on: &tape)
    tape.finish(x)
    tape.finish(context)
    tape.finish(attended)
    tape.finish(middle)
    tape.finish(fed)
    return y
  }

  private func residual(
    _ x: Value, _ h: Value, _ norm: NormParameters, _ identity: Indices, on tape: inout Tape
  ) -> Value {
    tape.residualNorm(x, h, norm, dropout: configuration.hiddenDropout, identity: identity)
  }
}
