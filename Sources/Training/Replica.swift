import Autodiff
import Batches
import Models
import Tensors

/// One worker of a training step: its tape and its gradients.
///
/// It is not generic over the model: iterating over a collection of generic values allocates, since
/// the code is not specialised for each model.
final class Replica {
  var tape: Tape
  let gradients: Storage
  /// The sum of squares of this worker's share of the summed gradient.
  var squares = 0.0
  /// The seconds spent in passes, and in summing and updating.
  var passes = 0.0
  var optimizer = 0.0
  fileprivate var scoreGradients: [Float] = []

  init(
    _ parameters: Parameters, _ reduced: ReducedWeights?, frozen: [Parameter],
    layersPerSegment: Int?
  ) {
    gradients = Storage(count: parameters.table.count)
    tape = Tape(parameters, gradients: gradients, reduced: reduced, frozen: frozen)
    tape.layersPerSegment = layersPerSegment
    tape.gradientsAreZero()
  }

  /// This worker's times by activity so far, without waiting.
  var times: WorkTimes {
    var times = tape.times
    times.rows = passes - times.products - times.attention
    times.optimizer = optimizer
    return times
  }
}

/// The passes of one worker over its shards.
final class ShardPasses<Model: RankingModel> {
  private let model: Model
  private let replica: Replica
  /// The scores of the last shard if it was recorded as a whole.
  private var recorded: Value?
  private var slice = Model.Items()
  /// The parts that are not recorded while a shard is only scored; created once, since a step
  /// allocates nothing.
  private let everything: FrozenParts

  init(_ model: Model, _ replica: Replica) {
    self.model = model
    self.replica = replica
    everything = model.allParts
  }

  /// Scores a shard of a batch of so many pairs, recording it for the backward pass if it fits into a
  /// slice. Further scores of a pair follow the scores of all pairs.
  func forward(
    _ shard: Model.Items, _ dropout: DropoutKey?, _ options: StepOptions,
    into scores: Floats, of pairs: Int
  ) {
    recorded = nil
    guard shard.count > 0 else { return }
    if shard.units <= options.sliceTokens ?? .max {
      recorded = score(shard, dropout, options.frozen, into: (scores, pairs))
      return
    }
    forEachSlice(of: shard, options.sliceTokens ?? .max) {
      _ = score(slice, dropout, everything, into: (scores, pairs))
    }
  }

  /// Adds the gradients of a shard, given those of its scores and of its further scores.
  func backward(
    _ shard: Model.Items, _ dropout: DropoutKey?, _ options: StepOptions,
    from gradients: [Double], _ further: [[Double]]
  ) {
    guard shard.count > 0 else { return }
    if let recorded {
      backward(from: recorded, shard, gradients, further)
      return
    }
    forEachSlice(of: shard, options.sliceTokens ?? .max) {
      backward(
        from: score(slice, dropout, options.frozen, into: nil), slice, gradients, further)
    }
  }

  private func score(
    _ items: Model.Items, _ dropout: DropoutKey?, _ frozen: FrozenParts,
    into target: (scores: Floats, pairs: Int)?
  ) -> Value {
    replica.tape.reset()
    replica.tape.dropoutKey = dropout
    let value = model.trainingScores(items, frozen: frozen, on: &replica.tape)
    if let (scores, pairs) = target {
      let found = replica.tape.values(of: value)
      for output in 0..<found.count / max(items.count, 1) {
        for (i, member) in items.members.enumerated() {
          scores[output * pairs + Int(member)] = found[output * items.count + i]
        }
      }
    }
    return value
  }

  private func backward(
    from value: Value, _ items: Model.Items, _ gradients: [Double], _ further: [[Double]]
  ) {
    replica.scoreGradients.removeAll(keepingCapacity: true)
    for member in items.members { replica.scoreGradients.append(Float(gradients[Int(member)])) }
    for gradients in further {
      for member in items.members { replica.scoreGradients.append(Float(gradients[Int(member)])) }
    }
    let ours = replica.scoreGradients
    replica.tape.backward(from: value, gradient: ours.span) { segment, x, tape in
      model.recompute(segment, from: x, items, on: &tape)
    }
  }

  /// Calls `body` for successive slices of a shard's items in `slice`, each up to a number of
  /// units.
  private func forEachSlice(of shard: Model.Items, _ most: Int, _ body: () -> Void) {
    var start = 0
    while start < shard.count {
      var end = start + 1
      while end < shard.count, shard.units(of: start..<end + 1) <= most { end += 1 }
      slice.removeAll()
      slice.append(start..<end, of: shard)
      body()
      start = end
    }
  }
}
