public import Autodiff
public import Batches
import Tensors

/// A packed batch on a tape: the indices to look up, and the starts of the sequences.
public struct PlacedBatch: Sendable {
  let tokens: TokenRows
  /// The rows of the sequences; those of the blocks if prefixes are shared.
  let rows: PackedRows
  /// The same number of sequences with one row each: the pooled rows. A block that is a prefix has
  /// none.
  let singleRows: PackedRows
  /// What attention reads if prefixes are shared; nil if all sequences are complete.
  let shared: SharedRows?

  /// Copies a batch onto a tape.
  public init(_ batch: borrowing PackedBatch, on tape: inout Tape) {
    let identity = tape.indices(batch.identity.span)
    tokens = TokenRows(
      ids: tape.indices(batch.ids.span), places: tape.indices(batch.places.span),
      types: tape.indices(batch.types.span), identity: identity)
    let offsets = tape.indices(batch.offsets.span)
    rows = PackedRows(offsets: offsets, identity: identity)
    let members = tape.indices(batch.members.span)
    if batch.prefixes.isEmpty {
      shared = nil
      singleRows = PackedRows(offsets: tape.count(to: batch.sequences), identity: members)
    } else {
      shared = SharedRows(
        keyRows: tape.indices(batch.prefixes.keyRows.span),
        keyOffsets: tape.indices(batch.prefixes.keyOffsets.span),
        lastRows: tape.indices(batch.prefixes.lastRows.span))
      singleRows = PackedRows(
        offsets: tape.indices(batch.prefixes.sequenceOffsets.span), identity: members)
    }
  }
}

/// The rows that attention reads and that are pooled, in a batch with shared prefixes
/// (`SharedPrefixes`).
struct SharedRows: Sendable {
  /// The rows whose keys and values each block reads, block by block.
  let keyRows: Indices
  /// The start of each block among them, and the end of the last.
  let keyOffsets: Indices
  /// The last row of each sequence, `[B]`.
  let lastRows: Indices
}
