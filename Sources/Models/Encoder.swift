public import Autodiff
import Tensors

/// The encoder of a blueprint: embeddings, a stack of layers and an optional final norm, over
/// packed sequences.
public struct Encoder: Sendable {
  let blueprint: Blueprint
  let embeddings: EmbeddingParameters
  let projection: DenseParameters?
  let projectedNorm: NormParameters?
  let relativePositions: RelativePositions?
  let layers: [EncoderLayer]
  let finalNorm: NormParameters?
  /// The numbers of layers after which others read the rows as well; segments of the tape end there.
  var stops: [Int] = []

  /// A reader of the rows `x` after some layers, `[T, hidden]`, which it leaves as they are. It may
  /// end the tape's pause.
  typealias Visit = (_ layers: Int, _ x: Value, _ tape: inout Tape) -> Void

  /// Adds the encoder's parameters to a table, under the names of the blueprint.
  public init(_ blueprint: Blueprint, in table: inout ParameterTable) {
    self.blueprint = blueprint
    let parts = blueprint.embeddings
    let width = parts.width
    func rows(_ part: TableBlueprint) -> Parameter {
      table.add(part.name + ".weight", Shape(part.rows, width), decays: true, use: .lookup)
    }
    let words = rows(parts.words)
    let positions = parts.positions.map { rows($0) }
    let types = parts.types.map { rows($0) }
    embeddings = EmbeddingParameters(
      words: words, positions: positions, positionOffset: parts.positions?.offset ?? 0,
      types: types, norm: parts.norm.map { NormParameters($0, width, in: &table) })
    projection = parts.projection.map { DenseParameters($0, in: &table) }
    projectedNorm = parts.projectedNorm.map {
      NormParameters($0, blueprint.hiddenSize, in: &table)
    }
    let relative = RelativePositions(of: blueprint, in: &table)
    relativePositions = relative
    var rotary: [RotaryKey: RotaryTable] = [:]
    layers = blueprint.layers.map { layer in
      EncoderLayer(
        layer, of: blueprint, in: &table, places: relative?.places
      ) { key in
        if let made = rotary[key] { return made }
        let made = RotaryTable(
          base: key.base, width: key.width, positions: blueprint.maximumPositions,
          scaling: key.scaling)
        rotary[key] = made
        return made
      }
    }
    finalNorm = blueprint.finalNorm.map { NormParameters($0, blueprint.hiddenSize, in: &table) }
  }

  /// The representation of every token, `[T, hidden]`.
  public func callAsFunction(_ batch: PlacedBatch, on tape: inout Tape) -> Value {
    let positions = relativePositions?(batch, on: &tape)
    var x = embed(batch, on: &tape)
    for layer in layers { x = layer(x, batch, positions, on: &tape) }
    if let positions { tape.finish(positions.value) }
    return normed(x, on: &tape)
  }

  /// One row for each sequence, `[B, hidden]`. Layers that are frozen from the bottom up are not
  /// recorded.
  ///
  /// If that row is the first or the last token's, the last layer computes only these rows: the
  /// numbers are the same, at almost the cost of one layer less.
  public func pooled(
    _ batch: PlacedBatch, by pooling: SequencePooling, frozen: FrozenParts = FrozenParts(),
    on tape: inout Tape
  ) -> Value {
    pooled(batch, by: pooling, from: nil, above: 0, frozen: frozen, on: &tape)
  }

  /// The same from rows after some layers, `[T, hidden]`, or nil for the embeddings. `visit` reads the
  /// rows at every stop.
  func pooled(
    _ batch: PlacedBatch, by pooling: SequencePooling, from input: Value?, above first: Int,
    frozen: FrozenParts = FrozenParts(), on tape: inout Tape, visit: Visit = { _, _, _ in }
  ) -> Value {
    let x = rows(
      batch, only: pooling.placement, from: input, layers: first..<layers.count, frozen: frozen,
      on: &tape, visit: visit)
    if pooling.placement == nil || layers.isEmpty {
      return tape.pool(normed(x, on: &tape), batch.rows, by: pooling)
    }
    return normed(x, on: &tape)
  }

  /// The representation of every token, `[T, hidden]`. Layers that are frozen from the bottom up are
  /// not recorded.
  func states(_ batch: PlacedBatch, frozen: FrozenParts, on tape: inout Tape) -> Value {
    normed(rows(batch, layers: layers.indices, frozen: frozen, on: &tape), on: &tape)
  }

  /// One row for each sequence, `[B, hidden]`, of rows that the next layer reads as well.
  func pooledBelow(
    _ x: Value, _ batch: PlacedBatch, by pooling: SequencePooling, on tape: inout Tape
  ) -> Value {
    let isPaused = tape.isPaused
    tape.isPaused = false
    if pooling.placement != nil {
      let row =
        batch.shared.map { tape.gather(x, $0.lastRows) } ?? tape.pool(x, batch.rows, by: pooling)
      return normed(row, on: &tape)
    }
    // A layer that is not recorded gives the memory of its input back, which the norm or the pooling
    // may need in the backward pass.
    let rows = isPaused ? tape.scale(x, by: 1) : x
    let read = finalNorm.map { tape.norm(rows, $0) } ?? rows
    let pooled = tape.pool(read, batch.rows, by: pooling)
    if read != rows { tape.finish(read) }
    if rows != x { tape.finish(rows) }
    return pooled
  }

  /// The output of a range of layers, of which the first reads `input`, `[T, hidden]`, or without one
  /// the embeddings: `[T, hidden]`, or `[B, hidden]` for only the first or the last row of each
  /// sequence.
  func rows(
    _ batch: PlacedBatch, only placement: QueryPlacement? = nil, from input: Value? = nil,
    layers range: Range<Int>, frozen: FrozenParts = FrozenParts(), on tape: inout Tape,
    visit: Visit = { _, _, _ in }
  ) -> Value {
    let bottom = frozen.bottomLayers ?? -1
    // Layers that are trained need a gradient of what frozen ones below them read as well.
    let positions = relativePositions?(batch, on: &tape)
    tape.isPaused = bottom >= 0
    var x = input ?? embed(batch, on: &tape)
    var i = range.lowerBound
    while i < range.upperBound {
      tape.isPaused = i < bottom
      if let count = tape.layersPerSegment, i >= bottom,
        segmentEnd(from: i, count) < range.upperBound
      {
        // Not the topmost layers: the backward pass begins with them.
        let input = x
        x = tape.segment(i, from: input) { tape in
          recompute(i, from: input, batch, on: &tape)
        }
        i = segmentEnd(from: i, count)
      } else if let placement, i == layers.count - 1 {
        x = layers[i].some(x, batch, positions, placement, on: &tape)
        i += 1
      } else {
        x = layers[i](x, batch, positions, on: &tape)
        i += 1
      }
      if i < range.upperBound, stops.contains(i) { visit(i, x, &tape) }
    }
    // The norm after frozen layers is trained like the head.
    tape.isPaused = false
    if let positions { tape.finish(positions.value) }
    return x
  }

  /// The layers of a segment of the tape, from the layer of its number up.
  func recompute(
    _ segment: Int, from input: Value, _ batch: PlacedBatch, on tape: inout Tape
  ) -> Value {
    // A segment has relative positions of its own: its gradients end within it.
    let positions = relativePositions?(batch, on: &tape)
    var x = input
    for i in segment..<segmentEnd(from: segment, tape.layersPerSegment ?? 1) {
      x = layers[i](x, batch, positions, on: &tape)
    }
    if let positions { tape.finish(positions.value) }
    return x
  }

  /// The end of a segment of so many layers, or of fewer if there is a stop among them.
  private func segmentEnd(from first: Int, _ count: Int) -> Int {
    stops.first { $0 > first && $0 < first + count } ?? first + count
  }

  private func normed(_ x: Value, on tape: inout Tape) -> Value {
    guard let finalNorm else { return x }
    let y = tape.norm(x, finalNorm)
    tape.finish(x)
    return y
  }

  private func embed(_ batch: PlacedBatch, on tape: inout Tape) -> Value {
    let rate = blueprint.embeddingDropout
    var x = tape.embedding(batch.tokens, embeddings, dropout: projectedNorm == nil ? rate : 0)
    if let projection {
      let y = tape.linear(x, projection)
      tape.finish(x)
      x = y
    }
    if let projectedNorm {
      let y = tape.norm(x, projectedNorm)
      tape.finish(x)
      x = tape.dropout(y, rate: rate, identity: batch.rows.identity)
    }
    guard blueprint.embeddings.scale != 1 else { return x }
    let y = tape.scale(x, by: blueprint.embeddings.scale)
    tape.finish(x)
    return y
  }
}

/// The key of a table of rotations, which layers share.
struct RotaryKey: Hashable {
  let base: Double
  let scaling: RotaryScaling
  let width: Int
}

extension SequencePooling {
  /// The only tokens that are pooled; nil if all are.
  fileprivate var placement: QueryPlacement? {
    switch self {
    case .first: .first
    case .last: .last
    case .mean, .max: nil
    }
  }
}

extension DenseParameters {
  /// Adds the weight and the bias of a linear layer to a table.
  init(_ dense: DenseBlueprint, in table: inout ParameterTable) {
    let weight = table.add(
      dense.name + ".weight", Shape(dense.outputs, dense.inputs), decays: true, use: .product)
    let bias =
      dense.hasBias ? table.add(dense.name + ".bias", Shape(dense.outputs), decays: false) : nil
    self.init(weight: weight, bias: bias)
  }

  /// Adds linear layers with the same input, joined so that one product computes all their outputs
  /// side by side. Either all or none of them have a bias.
  init(joining parts: [DenseBlueprint], in table: inout ParameterTable) {
    let weights = parts.map {
      table.add(
        $0.name + ".weight", Shape($0.outputs, $0.inputs), decays: true, use: .product)
    }
    let biases = parts.filter(\.hasBias).map {
      table.add($0.name + ".bias", Shape($0.outputs), decays: false)
    }
    precondition(
      biases.isEmpty || biases.count == parts.count,
      "some of \(parts.map(\.name)) have a bias and some have none")
    self.init(
      weight: Parameter(joining: weights), bias: biases.isEmpty ? nil : Parameter(joining: biases))
  }

  /// The layer for a range of the outputs.
  func rows(_ rows: Range<Int>) -> DenseParameters {
    DenseParameters(weight: weight.rows(rows), bias: bias?.rows(rows))
  }
}

extension NormParameters {
  /// Adds the scale and the shift of a norm to a table.
  init(_ norm: NormBlueprint, _ width: Int, in table: inout ParameterTable) {
    let gamma = table.add(norm.name + ".weight", Shape(width), decays: false)
    let beta = norm.hasBias ? table.add(norm.name + ".bias", Shape(width), decays: false) : nil
    self.init(
      norm.kind, gamma: gamma, beta: beta, epsilon: norm.epsilon, shift: norm.shift)
  }
}
