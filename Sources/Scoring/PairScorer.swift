import Autodiff
public import Models
import Tensors

/// Scores pairs of a query and a document with a cross-encoder, packed, on every core.
public final class PairScorer: Sendable {
  /// The model.
  public let model: CrossEncoder
  private let runner: SequenceRunner

  /// A scorer with one worker a core, unless said otherwise.
  public init(_ model: CrossEncoder, workers: Int? = nil) {
    self.model = model
    runner = SequenceRunner(model.parameters, workers: workers)
  }

  /// How many workers there are.
  public var workers: Int { runner.workerCount }

  /// The floating-point operations spent in matrix products so far.
  public var productOperations: Double { runner.productOperations }

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
