import Tensors

/// How the rows of a sequence are reduced to one row.
public enum SequencePooling: String, Sendable, CaseIterable {
  /// The first row, as in BERT's classifiers.
  case first
  /// The last row, as in decoders.
  case last
  /// The mean of all rows.
  case mean
  /// The largest value of each column.
  case max
}

extension Tape {
  /// One row for each sequence of a packed batch: from `[T, width]` to `[sequences, width]`.
  /// Sequences have at least one row.
  public mutating func pool(
    _ x: Value, _ rows: PackedRows, by pooling: SequencePooling
  ) -> Value {
    let offsets = rows.offsets
    precondition(
      rows.identity.count == shape(of: x).rows && LayoutKernels.rise(offsets),
      "pool: x \(shape(of: x)), \(rows.identity.count) rows, or a sequence without rows")
    switch pooling {
    case .first: return gather(x, offsets.prefix(offsets.count - 1))
    case .last: return gather(x, blocks.take(lastRowsOf: offsets))
    case .mean: return sequenceMean(x, offsets)
    case .max: return sequenceMax(x, offsets)
    }
  }
}
