public import Autodiff
public import Batches
public import Models
import Tensors

/// Scores pairs of a query and a document with a cross-encoder, packed, on every core.
public final class PairScorer: Sendable {
  /// The model.
  public let model: CrossEncoder
  let runner: SequenceRunner

  /// A scorer with one worker a core, unless said otherwise. `reduced` is a copy of the model's
  /// weights in the precision of its products; nil for 32 bits.
  public init(_ model: CrossEncoder, reduced: ReducedWeights?, workers: Int? = nil) {
    self.model = model
    runner = SequenceRunner(model.parameters, reduced, workers: workers)
  }

  /// A scorer of a model whose weights no longer change, with products in `precision`.
  public convenience init(
    _ model: CrossEncoder, precision: Precision = .f32, workers: Int? = nil
  ) {
    self.init(
      model, reduced: ReducedWeights(model.parameters, precision), workers: workers)
  }

  /// How many workers there are.
  public var workers: Int { runner.workerCount }

  /// The floating-point operations spent in matrix products so far.
  public var productOperations: Double { runner.productOperations }

  /// What the workers spent their time on so far, added up.
  package var times: WorkTimes { runner.times }

  /// The scores (raw logits) of pairs, in their order. Pairs longer than `maximumLength` tokens are
  /// cut as the tokenizer cuts them.
  ///
  /// `progress` is told how many of how many tokens are done, from any thread.
  public func scores(
    of pairs: [Pair], in tokens: PairTokens, maximumLength: Int,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> [Float] {
    guard !pairs.isEmpty else { return [] }
    let result = Storage(count: pairs.count)
    let scores = result.floats
    runner.run(
      lengths: pairs.map { tokens.length(of: $0, maximum: maximumLength) },
      write: { member, ids, types in
        tokens.append(pairs[member], maximum: maximumLength, ids: &ids, types: &types)
      },
      consume: { [model] batch, members, tape in
        let values = tape.values(of: model.scores(batch, on: &tape))
        for (i, member) in members.enumerated() { scores[Int(member)] = values[i] }
      },
      progress: progress)
    return scores.array
  }
}
