import Autodiff
import Batches
import Models
import Tensors

/// One worker of a training step: its tape and its gradients.
final class Replica {
  var tape: Tape
  let gradients: Storage
  /// The sum of squares of this worker's share of the total gradient.
  var squares = 0.0
  /// The seconds spent in passes, and in adding up and updating.
  var passes = 0.0
  var optimizer = 0.0
  /// The scores of the last shard where it was recorded as a whole.
  private var recorded: Value?
  private var slice = PackedBatch()
  /// What is not recorded while a shard is only scored; made once, since a step allocates nothing.
  private let everything: FrozenParts
  private var scoreGradients: [Float] = []

  init(_ model: CrossEncoder, _ reduced: ReducedWeights?, frozen: [Parameter]) {
    gradients = Storage(count: model.parameters.table.count)
    tape = Tape(model.parameters, gradients: gradients, reduced: reduced, frozen: frozen)
    everything = FrozenParts.all(layers: model.configuration.layers)
  }

  /// What this worker spent its time on so far, but for waiting.
  var times: WorkTimes {
    var times = tape.times
    times.rows = passes - times.products - times.attention
    times.optimizer = optimizer
    return times
  }

  /// Scores a shard; what the backward pass needs is kept where it fits.
  func forward(
    _ model: CrossEncoder, _ shard: PackedBatch, _ dropout: DropoutKey?, _ options: StepOptions,
    into scores: Floats
  ) {
    recorded = nil
    guard shard.sequences > 0 else { return }
    if shard.tokens <= options.sliceTokens ?? .max {
      recorded = score(model, shard, dropout, options.frozen, into: scores)
      return
    }
    forEachSlice(of: shard, options.sliceTokens ?? .max) {
      _ = score(
        model, slice, dropout, everything,
        into: scores)
    }
  }

  /// Adds the gradients of a shard, given those of its scores.
  func backward(
    _ model: CrossEncoder, _ shard: PackedBatch, _ dropout: DropoutKey?, _ options: StepOptions,
    from gradients: [Double]
  ) {
    guard shard.sequences > 0 else { return }
    if let recorded {
      backward(from: recorded, shard, gradients)
      return
    }
    forEachSlice(of: shard, options.sliceTokens ?? .max) {
      backward(from: score(model, slice, dropout, options.frozen, into: nil), slice, gradients)
    }
  }

  private func score(
    _ model: CrossEncoder, _ batch: PackedBatch, _ dropout: DropoutKey?, _ frozen: FrozenParts,
    into scores: Floats?
  ) -> Value {
    tape.reset()
    tape.dropoutKey = dropout
    let placed = PlacedBatch(batch, on: &tape)
    let value = model.scores(placed, frozen: frozen, on: &tape)
    if let scores {
      let found = tape.values(of: value)
      for (i, member) in batch.members.enumerated() { scores[Int(member)] = found[i] }
    }
    return value
  }

  private func backward(from value: Value, _ batch: PackedBatch, _ gradients: [Double]) {
    scoreGradients.removeAll(keepingCapacity: true)
    for member in batch.members { scoreGradients.append(Float(gradients[Int(member)])) }
    let ours = scoreGradients
    tape.backward(from: value, gradient: ours.span)
  }

  /// Fills `slice` with some sequences of a shard after the other, up to a number of tokens.
  private func forEachSlice(of shard: PackedBatch, _ most: Int, _ body: () -> Void) {
    var start = 0
    while start < shard.sequences {
      var end = start + 1
      let first = Int(shard.offsets[start])
      while end < shard.sequences, Int(shard.offsets[end + 1]) - first <= most { end += 1 }
      slice.removeAll()
      slice.append(start..<end, of: shard)
      body()
      start = end
    }
  }
}
