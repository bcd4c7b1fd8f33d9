import Autodiff
import Tensors

/// A layer over sequences that share prefixes: all rows once, and attention of each block over the
/// keys and values of its prefix and its own. Only causal layers are used so
/// (`Blueprint.sharesPrefixes`).
extension EncoderLayer {
  /// The layer's output for all rows, `[T, hidden]`.
  func sharing(
    _ x: Value, _ batch: PlacedBatch, _ shared: SharedRows, on tape: inout Tape
  ) -> Value {
    let read = readByAttention(x, on: &tape)
    let queries = tape.linear(read, projection.rows(0..<attention.queryColumns))
    let keysAndValues = keysAndValues(of: read, shared, on: &tape)
    if read != x { tape.finish(read) }
    let context = tape.attention(
      queries, batch.rows, .last, keysAndValues: keysAndValues, offsets: shared.keyOffsets,
      attention)
    tape.finish(queries)
    tape.finish(keysAndValues)
    return rest(x, context, identity: batch.rows.identity, on: &tape)
  }

  /// The layer's output for only the last row of each sequence, `[B, hidden]`.
  func lastSharing(
    _ x: Value, _ batch: PlacedBatch, _ shared: SharedRows, on tape: inout Tape
  ) -> Value {
    let read = readByAttention(x, on: &tape)
    let chosen = tape.gather(x, shared.lastRows)
    let queryInput = read == x ? chosen : tape.gather(read, shared.lastRows)
    let queries = tape.linear(queryInput, projection.rows(0..<attention.queryColumns))
    if queryInput != chosen { tape.finish(queryInput) }
    let keysAndValues = keysAndValues(of: read, shared, on: &tape)
    if read != x { tape.finish(read) }
    tape.finish(x)
    let context = tape.attention(
      queries, batch.singleRows, .last, keysAndValues: keysAndValues, offsets: shared.keyOffsets,
      attention)
    tape.finish(queries)
    tape.finish(keysAndValues)
    return rest(chosen, context, identity: batch.singleRows.identity, on: &tape)
  }

  /// The keys and values that the blocks read, one block after the other. Copies cost little beside
  /// the products, whose rows they spare.
  private func keysAndValues(
    of read: Value, _ shared: SharedRows, on tape: inout Tape
  ) -> Value {
    let projected = tape.linear(
      read, projection.rows(attention.queryColumns..<projection.outputs))
    let gathered = tape.gather(projected, shared.keyRows)
    tape.finish(projected)
    return gathered
  }
}
