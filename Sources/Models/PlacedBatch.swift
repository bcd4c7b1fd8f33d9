public import Autodiff
public import Batches
import Tensors

/// A packed batch on a tape: the indices to look up, and the starts of the sequences.
public struct PlacedBatch: Sendable {
  let tokens: TokenRows
  let rows: PackedRows
  /// The same number of sequences with one row each: the pooled rows.
  let singleRows: PackedRows

  /// Copies a batch onto a tape.
  public init(_ batch: borrowing PackedBatch, on tape: inout Tape) {
    let identity = tape.indices(batch.identity.span)
    tokens = TokenRows(
      ids: tape.indices(batch.ids.span), places: tape.indices(batch.places.span),
      types: tape.indices(batch.types.span), identity: identity)
    let offsets = tape.indices(batch.offsets.span)
    rows = PackedRows(offsets: offsets, identity: identity)
    singleRows = PackedRows(
      offsets: tape.count(to: batch.sequences), identity: tape.indices(batch.members.span))
  }
}
