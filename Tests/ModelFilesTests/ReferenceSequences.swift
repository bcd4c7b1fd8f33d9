import Autodiff
import Batches
import Models
import Tensors

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

  /// The logits of all sequences, with a tape that keeps what a backward pass needs or without: each
  /// has its own ways.
  func scores(_ model: CrossEncoder, isRecording: Bool = false) -> [Float] {
    var tape = Tape(
      model.parameters,
      gradients: isRecording ? Storage(count: model.parameters.table.count) : nil)
    let placed = PlacedBatch(batch, on: &tape)
    return tape.array(of: model.scores(placed, on: &tape))
  }

  /// Adds the gradient of the logits' sum with the scripts' weights by every parameter.
  func addGradients(of model: CrossEncoder, to gradients: Storage) {
    let weights: [Float] = [0.5, -1, 0.75, 1.25]
    var tape = Tape(model.parameters, gradients: gradients)
    let placed = PlacedBatch(batch, on: &tape)
    tape.backward(from: model.scores(placed, on: &tape), gradient: weights.span)
  }
}
