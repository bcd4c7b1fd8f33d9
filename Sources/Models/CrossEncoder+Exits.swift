public import Autodiff
public import Batches
package import Tensors

extension CrossEncoder {
  /// The weights of the losses of the exits' scores.
  public var furtherWeights: [Double] { exits?.exits.map(\.weight) ?? [] }

  /// The newly initialised parameters, and the heads of exits that were made for training: copies of
  /// the model's head begin at layers that it does not know.
  public var learnsAsNew: Set<String> { fresh.union(newExitParameters) }

  /// The scores of all sequences, and after them those of every exit from the bottom up, `[(1 + E) ·
  /// B, 1]`.
  public func trainingScores(
    _ items: PackedBatch, frozen: FrozenParts, on tape: inout Tape
  ) -> Value {
    guard !layers.exits.isEmpty else { return scores(items, frozen: frozen, on: &tape) }
    let batch = PlacedBatch(items, on: &tape)
    var below: Value?
    let pooled = layers.encoder.pooled(
      batch, by: blueprint.pooling, from: nil, above: 0, frozen: frozen, on: &tape
    ) { layer, x, tape in
      guard let exit = layers.exits.first(where: { $0.layer == layer }) else { return }
      let pooled = layers.encoder.pooledBelow(x, batch, by: blueprint.pooling, on: &tape)
      let scores = exit.head(pooled, identity: batch.singleRows.identity, on: &tape)
      below = below.map { tape.concatenate($0, scores, axis: 0) } ?? scores
    }
    let scores = layers.head(pooled, identity: batch.singleRows.identity, on: &tape)
    return below.map { tape.concatenate(scores, $0, axis: 0) } ?? scores
  }

  /// The number of layers of every stage of a cascade: up to each exit, and to the last layer.
  package var stageEnds: [Int] { layers.exits.map(\.layer) + [blueprint.layers.count] }

  /// One stage of a cascade: the layers from number `first` up to an exit or the last one.
  ///
  /// - Parameters:
  ///   - end: the number of layers before the exit, or of all.
  ///   - states: the rows of every sequence of the batch after the layers below, and afterwards,
  ///     unless the stage is the last, after these; `[tokens, hidden]`. A sequence's rows begin at the
  ///     number that identifies its first token in the batch.
  /// - Returns: the scores at the end of the stage, `[B, 1]`: raw logits of the exit's head, or of the
  ///   model's.
  package func stage(
    _ items: PackedBatch, layers range: Range<Int>, states: Floats, on tape: inout Tape
  ) -> Value {
    let batch = PlacedBatch(items, on: &tape)
    let width = blueprint.hiddenSize
    var input: Value?
    if range.lowerBound > 0 {
      input = tape.leaf(Shape(items.tokens, width)) { rows in
        items.forEachRun { row, address, count in
          rows[row * width..<(row + count) * width].copy(
            from: states[address * width..<(address + count) * width])
        }
      }
    }
    guard let exit = layers.exits.first(where: { $0.layer == range.upperBound }) else {
      let pooled = layers.encoder.pooled(
        batch, by: blueprint.pooling, from: input, above: range.lowerBound, on: &tape)
      return layers.head(pooled, identity: batch.singleRows.identity, on: &tape)
    }
    let x = layers.encoder.rows(batch, from: input, layers: range, on: &tape)
    let rows = tape.values(of: x)
    items.forEachWholeRun { row, address, count in
      states[address * width..<(address + count) * width].copy(
        from: rows[row * width..<(row + count) * width])
    }
    let pooled = layers.encoder.pooledBelow(x, batch, by: blueprint.pooling, on: &tape)
    return exit.head(pooled, identity: batch.singleRows.identity, on: &tape)
  }
}
