public import Autodiff
public import Batches
public import Collectives
public import Models

/// Scores the items of lists with a model, packed, on every core.
public final class ItemScorer<Model: RankingModel>: Sendable {
  /// The model.
  public let model: Model
  let executor: Executor<Model.Items>
  let collective: any Collective

  /// A scorer, by default with one worker per core. `reduced` is a copy of the model's weights in
  /// the precision of its products; nil for 32 bits. The ranks of a collective divide the work, and
  /// all of them get all scores.
  public init(
    _ model: Model, reduced: ReducedWeights?, workers: Int? = nil,
    collective: any Collective = LocalCollective()
  ) {
    self.model = model
    self.collective = collective
    executor = Executor(model.parameters, reduced, workers: workers) { _, items, tape in
      model.sharePrefixes(of: &items)
      return tape.values(of: model.scores(items, frozen: FrozenParts(), on: &tape))
    }
  }

  /// A scorer of a model whose weights no longer change, with products in `precision`.
  public convenience init(
    _ model: Model, precision: Precision = .f32, workers: Int? = nil
  ) {
    self.init(
      model, reduced: ReducedWeights(model.parameters, precision), workers: workers)
  }

  /// The number of workers.
  public var workers: Int { executor.workerCount }

  /// The floating-point operations spent in matrix products so far.
  public var productOperations: Double { executor.productOperations }

  /// The workers' times by activity so far, summed.
  package var times: WorkTimes { executor.times }

  /// The scores (raw logits) of items, in their order. Items with more than `maximumLength` units
  /// (tokens of texts) are truncated by their source.
  ///
  /// `progress` receives the number of units done and the total, on any thread.
  public func scores<Source: ItemSource>(
    of items: [Pair], in source: Source, maximumLength: Int,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) -> [Float] where Source.Items == Model.Items {
    let prefixes: ItemPrefixes? =
      model.sharesPrefixes
      ? ItemPrefixes(
        groups: items.map(\.query),
        units: items.map { source.prefixLength(of: $0, maximum: maximumLength) }) : nil
    return executor.rows(
      width: 1, lengths: items.map { source.length(of: $0, maximum: maximumLength) },
      prefixes: prefixes, collective: collective,
      append: { item, slice in
        source.append(
          items[item], maximum: maximumLength, member: item, firstRow: 0, to: &slice)
      },
      progress: progress
    ).array
  }
}

/// Scores pairs of a query and a document with a cross-encoder.
public typealias PairScorer = ItemScorer<CrossEncoder>
