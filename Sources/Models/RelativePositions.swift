import Autodiff
import Tensors

/// A table of relative positions and its norm, which the layers of an encoder share.
struct RelativePositions: Sendable {
  /// `[2 · span, hidden]`.
  let table: Parameter
  let norm: NormParameters?
  let places: RelativePlaces

  /// Adds the table and its norm to a table of parameters; nil if no layer has relative positions.
  init?(of model: Blueprint, in table: inout ParameterTable) {
    let found = model.layers.lazy.compactMap { layer -> DisentangledBlueprint? in
      if case .disentangled(let parts) = layer.attention.positions { parts } else { nil }
    }
    guard let parts = found.first else { return nil }
    self.table = table.add(
      parts.table.name + ".weight", Shape(parts.table.rows, model.hiddenSize), decays: true)
    norm = parts.norm.map { NormParameters($0, model.hiddenSize, in: &table) }
    places = RelativePlaces(
      span: parts.span, maximumDistance: parts.maximumDistance, positions: model.maximumPositions)
  }

  /// The rows of the table that the distances of a batch need, normalised.
  func callAsFunction(_ batch: PlacedBatch, on tape: inout Tape) -> PlacedPositions {
    let range = places.places(ofLength: batch.rows.longest)
    let rows = tape.slice(tape.parameter(table), axis: 0, range)
    let value = norm.map { tape.norm(rows, $0) } ?? rows
    let identity = tape.count(to: range.upperBound - 1).suffix(from: range.lowerBound)
    return PlacedPositions(value: value, range: range, identity: identity)
  }
}

/// The relative positions of a batch on a tape.
struct PlacedPositions: Sendable {
  /// `[range.count, hidden]`.
  let value: Value
  /// The rows of the table.
  let range: Range<Int>
  /// The numbers of these rows, by which dropout is the same for every shard of a batch.
  let identity: Indices
}

/// The part of a layer's attention that depends on relative positions.
struct DisentangledPart: Sendable {
  let options: DisentangledOptions
  /// Queries, then keys of positions, as far as there are any.
  private let projection: DenseParameters
  private let dropout: Float

  /// `own` is the layer's joined projection of queries, keys and values.
  init(
    _ parts: DisentangledBlueprint, _ places: RelativePlaces, _ attention: AttentionOptions,
    _ own: DenseParameters, dropout: Float, in table: inout ParameterTable
  ) {
    let columns = attention.queryColumns
    var options = DisentangledOptions(
      heads: attention.heads, headWidth: attention.headWidth, places: places,
      hasPositionKeys: parts.keys != nil, hasPositionQueries: parts.queries != nil)
    options.dropout = attention.dropout
    self.options = options
    self.dropout = dropout
    var separate: [DenseBlueprint] = []
    for case .separate(let dense)? in [parts.queries, parts.keys] { separate.append(dense) }
    if separate.isEmpty {
      projection = own.rows(
        (parts.queries == nil ? columns : 0)..<(parts.keys == nil ? columns : 2 * columns))
    } else {
      projection = DenseParameters(joining: separate, in: &table)
    }
    precondition(
      projection.outputs == options.positionColumns,
      "\(parts.table.name): one projection of positions is shared, the other is not")
  }

  /// The projections of the positions of a batch, after dropout.
  func project(_ positions: PlacedPositions, on tape: inout Tape) -> PositionProjections {
    let kept = tape.dropout(positions.value, rate: dropout, identity: positions.identity)
    let value = tape.linear(kept, projection, identity: positions.identity)
    if kept != positions.value { tape.finish(kept) }
    return PositionProjections(value, positions.range)
  }
}
