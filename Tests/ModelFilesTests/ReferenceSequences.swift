import Batches

/// The sequences of a reference model.
protocol ReferenceSequences {
  /// The token ids of each sequence.
  var sequences: [[Int32]] { get }
  /// The token types of each sequence.
  var types: [[Int32]] { get }
}

extension ReferenceSequences {
  /// All sequences in one batch.
  var batch: PackedBatch {
    var batch = PackedBatch()
    var row = 0
    for (member, (own, kinds)) in zip(sequences, types).enumerated() {
      batch.append(member: member, firstRow: row) { ids, types in
        ids += own
        types += kinds
      }
      row += own.count
    }
    return batch
  }
}
