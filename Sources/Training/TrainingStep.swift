public import Autodiff
public import Collectives
public import Models
public import Options
public import Ranking
import Tensors

/// The result of a training step.
public struct StepResult: Sendable, Equatable {
  /// The value of the loss.
  public var loss: Double
  /// The norm of the gradient over all parameters, before clipping; nil if the step only added to
  /// the gradient.
  public var gradientNorm: Double?
}

/// One step of training on every core: all shards forward, the loss of all scores, all shards
/// backward, the gradients summed, the weights updated.
///
/// The loss depends only on scores and labels, so that lists may span shards, and shards may be
/// processed in slices. Gradients are added in the order of workers: for a given number of workers
/// a step gives the same bits every time. After the first steps with the largest sizes, a step
/// allocates nothing.
///
/// Each rank of a `Collective` computes its workers' shards of the same batch. Scores are gathered,
/// so that lists may span ranks as well, and gradients are summed; since both have the same bits on
/// all ranks, so do the weights.
public final class TrainingStep<Model: RankingModel>: @unchecked Sendable {
  private enum Phase {
    case forward, backward, reduce, measure, update, exchange
  }

  /// The model that is trained.
  public let model: Model
  /// The copy of the weights for products in less than 32 bits; nil in 32 bits.
  public let reduced: ReducedWeights?
  package let optimizer: AdamW
  /// The moving average of the weights; nil without one.
  package let average: WeightAverage?
  private let options: StepOptions
  let collective: any Collective
  let replicas: [Replica]
  private let passes: [ShardPasses<Model>]
  let shares: [Share]
  /// The lookup table that is updated by rows; nil without one.
  let table: Parameter?
  private var workers: Workers?
  /// The seconds during which workers were running.
  private var rounds = 0.0

  // The workers' input while a phase runs.
  private var phase = Phase.forward
  private var batch: TrainingBatch<Model.Items>
  private var dropoutKey: DropoutKey?
  /// The scores of the batch; every worker writes those of its shard.
  private var scoreMemory = Storage(count: 0)
  private var scores: [Double] = []
  /// The scores plus those of the first stage; empty if the loss does not add them.
  private var sums: [Double] = []
  /// The scores of the batches since `takeListScores`.
  var listScores = ListScores()
  var scoreGradients: [Double] = []
  var anchorGradients: [Double] = []
  /// The weights of the losses of the model's further scores, and for each of them the gradients of
  /// the batch's scores.
  private let furtherWeights: [Double]
  private var furtherScores: [Double] = []
  private var furtherGradients: [[Double]]
  var update = AdamWUpdate(count: 1, rate: 0)
  /// The share of the new weights in their average; nil if the update does not change the average.
  var averageShare: Float?
  var rows: TouchedRows
  private var exchange = RankExchange()
  var workspace = LossWorkspace()

  /// A step for a model. Every rank uses the smallest number of workers of any rank. In bfloat16, the
  /// fixed weights of linear layers afterwards exist only in `reduced`.
  public init(
    _ model: Model, _ optimizer: AdamWOptions, _ options: StepOptions = StepOptions(),
    collective: any Collective = LocalCollective()
  ) {
    let count = collective.least(max(1, options.workers ?? Workers.cores))
    let parameters = model.parameters
    self.model = model
    furtherWeights = model.furtherWeights
    furtherGradients = furtherWeights.map { _ in [] }
    var options = options
    options.frozen = options.frozen.union(model.fixedParts)
    self.options = options
    self.collective = collective
    let reduced = ReducedWeights(parameters, options.precision, isOnly: true)
    self.reduced = reduced
    let fixed = Set(parameters.table.entries.lazy.filter(\.isFixed).map(\.name))
    let parts = options.frozen
    let isFrozen = { (name: String) in fixed.contains(name) || model.isFrozen(name, by: parts) }
    let frozen = parameters.table.entries.filter { isFrozen($0.name) }
    let table = model.lookupTable.flatMap { table in
      frozen.contains { $0.parameter == table } ? nil : table
    }
    self.table = table
    self.optimizer = AdamW(
      parameters.table, optimizer, rows: table, fresh: model.learnsAsNew,
      rateFactor: { power(options.layerDecay, Double(model.depth(of: $0))) }, isFrozen: isFrozen)
    average = options.averages ? WeightAverage(parameters.table, isFrozen: isFrozen) : nil
    replicas = (0..<count).map { _ in
      // Tapes know the fixed ones from the table.
      Replica(
        parameters, reduced, frozen: frozen.filter { !$0.isFixed }.map(\.parameter),
        layersPerSegment: options.layersPerSegment)
    }
    passes = replicas.map { ShardPasses(model, $0) }
    rows = TouchedRows(rows: table?.shape[0] ?? 0)
    shares = Share.dividing(self.optimizer.runs, rows: table?.shape[0] ?? 0, among: count)
    batch = TrainingBatch(workers: count)
    workers = Workers(count: count) { [unowned self] worker in self.work(worker) }
  }

  deinit { workers?.stop() }

  /// The precision of matrix products.
  public var precision: Precision { options.precision }

  /// The units per slice; nil if workers do not use slices.
  public var sliceTokens: Int? { options.sliceTokens }

  /// The workers' times by activity so far, summed. Waiting is the rest of the time during which
  /// any worker was running; the time between rounds is not included.
  package var times: WorkTimes {
    var times = replicas.reduce(WorkTimes()) { $0 + $1.times }
    times.waiting = Double(replicas.count) * rounds - times.total
    return times
  }

  /// Adds the gradient of `loss` over a batch, times `scale`, to the gradients; further scores of the
  /// model add the same loss of theirs, times their weights. Without a dropout
  /// key, dropout is disabled. `meanwhile` runs on the calling thread while the workers compute.
  ///
  /// - Parameter anchor: a further loss, of the scores against the batch's anchors, whose value and
  ///   gradient are added; nil for none.
  /// - Returns: the value of the loss; if it is not finite, nothing is added.
  public func accumulate(
    _ batch: TrainingBatch<Model.Items>, _ loss: Loss, anchor: Loss? = nil,
    dropout: DropoutKey?, scale: Double = 1, meanwhile: () -> Void = {}
  ) -> Double {
    self.batch = batch
    dropoutKey = dropout
    let outputs = batch.pairs * (1 + furtherWeights.count)
    if outputs > scoreMemory.floats.count { scoreMemory = Storage(count: 2 * outputs) }
    run(.forward, meanwhile: meanwhile)
    if collective.isShared {
      for start in stride(from: 0, to: outputs, by: max(batch.pairs, 1)) {
        exchange.scores(
          scoreMemory.floats[start..<start + batch.pairs], order: batch.order,
          counts: batch.counts, collective)
      }
    }
    scores.removeAll(keepingCapacity: true)
    for i in 0..<batch.pairs { scores.append(Double(scoreMemory.floats[i])) }
    sums.removeAll(keepingCapacity: true)
    for i in batch.firstStage.indices { sums.append(scores[i] + batch.firstStage[i]) }
    // The gradient by the model's scores is that by the sums.
    let isAdded = !batch.firstStage.isEmpty
    let draw = UInt64(dropout?.step ?? 0)
    // Moved out of the property and back, since a write to a shared array would allocate.
    var gradients: [Double] = []
    swap(&gradients, &scoreGradients)
    var value = evaluate(
      loss, isAdded ? sums : scores, batch, draw: draw, scale: scale, into: &gradients)
    swap(&gradients, &scoreGradients)
    if let anchor { value += evaluate(anchor: anchor, scores, batch, scale: scale) }
    for (number, weight) in furtherWeights.enumerated() {
      furtherScores.removeAll(keepingCapacity: true)
      let start = (number + 1) * batch.pairs
      for i in start..<start + batch.pairs { furtherScores.append(Double(scoreMemory.floats[i])) }
      for i in batch.firstStage.indices { furtherScores[i] += batch.firstStage[i] }
      swap(&gradients, &furtherGradients[number])
      value +=
        weight
        * evaluate(
          loss, furtherScores, batch, draw: draw, scale: scale * weight, into: &gradients)
      swap(&gradients, &furtherGradients[number])
    }
    guard value.isFinite else { return value }
    if isAdded {
      listScores.add(
        scores: scores.span, sums: sums.span, labels: batch.labels.span,
        offsets: batch.listOffsets.span)
    } else {
      listScores.add(
        scores: scores.span, labels: batch.labels.span, offsets: batch.listOffsets.span)
    }
    if table != nil {
      for i in batch.shards.indices { rows.touch(model.lookupRows(of: batch.shards[i])) }
      if let row = model.commonLookupRow { rows.touch(row) }
    }
    run(.backward)
    return value
  }

  /// The loss; `gradients` receives its gradient times `scale`.
  private func evaluate(
    _ loss: Loss, _ scores: [Double], _ batch: TrainingBatch<Model.Items>, draw: UInt64,
    scale: Double, into gradients: inout [Double]
  ) -> Double {
    gradients.removeAll(keepingCapacity: true)
    gradients.append(contentsOf: repeatElement(0, count: batch.pairs))
    var gradient = gradients.mutableSpan
    let value = loss.evaluate(
      scores: scores.span, labels: batch.labels.span,
      teachers: batch.teachers.isEmpty ? nil : batch.teachers.span,
      offsets: batch.listOffsets.span,
      itemWeights: batch.itemWeights.isEmpty ? nil : batch.itemWeights.span,
      listWeights: batch.listWeights.isEmpty ? nil : batch.listWeights.span, draw: draw,
      gradient: &gradient, workspace: &workspace)
    for i in gradient.indices { gradient[i] *= scale }
    return value
  }

  /// Sums the workers' gradients and updates the weights. `count` is the number of the update, from
  /// 1; the learning rate is `rate`, times the layer's factor, times `freshFactor` for newly
  /// initialised parameters.
  ///
  /// - Parameter averageShare: the share of the new weights in their moving average
  ///   (`WeightAverage.share`), which needs `StepOptions.averages`; nil leaves the average unchanged.
  /// - Returns: the norm of the gradient before clipping; if it is not finite, the weights are
  ///   unchanged.
  public func apply(
    count: Int, rate: Double, freshFactor: Double = 1, averageShare: Float? = nil
  ) -> Double {
    precondition(averageShare == nil || average != nil, "a step without memory for an average")
    self.averageShare = averageShare
    reduce()
    let norm = replicas.reduce(0) { $0 + $1.squares }.squareRoot()
    guard norm.isFinite else { return norm }
    update = AdamWUpdate(
      count: count, rate: rate, freshFactor: freshFactor,
      gradientScale: optimizer.scale(forNorm: norm))
    run(.update)
    // The sum and the update have cleared them.
    for replica in replicas { replica.tape.gradientsAreZero() }
    rows.endStep()
    return norm
  }

  /// Resets the optimizer: its averages become zero.
  package func forgetMoments() {
    optimizer.forget()
    rows.forget()
  }

  /// Exchanges the weights that training changes with their moving average. A second call restores
  /// both, bit for bit.
  package func exchangeAverage() {
    run(.exchange)
    reduced?.refresh()
  }

  /// Called after weights and averages have been read from a checkpoint.
  package func restored() {
    reduced?.refresh()
    guard let table else { return }
    rows.restore(optimizer.second.floats[table.range], columns: table.shape[1])
  }

  /// The summed gradients of the parameters after `accumulate`, which are then reset to zero. Those
  /// of frozen parameters are undefined.
  package func takeGradients() -> [Float] {
    reduce()
    rows.endStep()
    let total = replicas[0].gradients.floats
    let result = total.array
    for replica in replicas {
      replica.gradients.floats.fill(0)
      replica.tape.gradientsAreZero()
    }
    return result
  }

  /// The scores of the last batch, pair by pair.
  public var lastScores: [Double] { scores }

  private func run(_ phase: Phase, meanwhile: () -> Void = {}) {
    self.phase = phase
    timed(&rounds) { workers?.run(meanwhile: meanwhile) }
  }

  private func work(_ worker: Int) {
    let replica = replicas[worker]
    switch phase {
    case .forward:
      timed(&replica.passes) {
        passes[worker].forward(
          batch.shards[worker], dropoutKey, options, into: scoreMemory.floats, of: batch.pairs)
      }
    case .backward:
      timed(&replica.passes) {
        passes[worker].backward(
          batch.shards[worker], dropoutKey, options, from: scoreGradients, furtherGradients)
      }
    case .reduce: timed(&replica.optimizer) { reduce(worker) }
    case .measure: timed(&replica.optimizer) { measure(worker) }
    case .update: timed(&replica.optimizer) { update(worker) }
    case .exchange: exchange(worker)
    }
  }

  /// Sums the gradients of the workers and of the ranks, and computes the squares of the sums.
  private func reduce() {
    run(.reduce)
    guard collective.isShared else { return }
    exchange.gradients(
      replicas[0].gradients.floats, optimizer.runs, table, &rows, collective)
    run(.measure)
  }

  private func reduce(_ worker: Int) {
    var squares = 0.0
    forEachRange(of: worker) { range in
      let total = replicas[0].gradients.floats[range]
      for replica in replicas.dropFirst() { total.takeOver(replica.gradients.floats[range]) }
      squares += total.sumOfSquares
    }
    replicas[worker].squares = squares
  }

  private func measure(_ worker: Int) {
    var squares = 0.0
    forEachRange(of: worker) { squares += replicas[0].gradients.floats[$0].sumOfSquares }
    replicas[worker].squares = squares
  }

  /// Calls `body` for the ranges of the gradient that a worker sums: its share of the dense ranges,
  /// and some of the rows of the step.
  private func forEachRange(of worker: Int, _ body: (Range<Int>) -> Void) {
    for run in shares[worker].runs { body(run.range) }
    guard let table else { return }
    var position = worker
    while position < rows.ofStep.count {
      body(table.rows(rows.ofStep[position]..<rows.ofStep[position] + 1).range)
      position += replicas.count
    }
  }
}
