public import Autodiff
public import Models
public import Options
public import Ranking
import Tensors

/// What a training step did.
public struct StepResult: Sendable, Equatable {
  /// The value of the loss.
  public var loss: Double
  /// The length of the gradient over all parameters, before clipping; nil where the step only added
  /// to the gradient.
  public var gradientNorm: Double?
}

/// How a training step works, beyond model and optimizer.
public struct StepOptions: Sendable {
  /// What products are computed in.
  public var precision = Precision.f32
  /// How many workers there are; nil for one a core.
  public var workers: Int?
  /// What stays as it is.
  public var frozen = FrozenParts()
  /// The most tokens whose activations a worker keeps at a time; nil for all of them. A worker with
  /// more goes through them twice: once for the scores, and once more, slice by slice, for the
  /// gradients. A slice has one sequence at least.
  public var sliceTokens: Int?

  /// The defaults.
  public init(
    precision: Precision = .f32, workers: Int? = nil, frozen: FrozenParts = FrozenParts(),
    sliceTokens: Int? = nil
  ) {
    self.precision = precision
    self.workers = workers
    self.frozen = frozen
    self.sliceTokens = sliceTokens
  }
}

/// One step of training on every core: all shards forward, the loss of all scores, all shards
/// backward, the gradients added up, the weights updated.
///
/// The loss sees only scores and labels, so lists may lie across shards, and shards may be gone
/// through in slices. Gradients are added in the order of workers: for a given number of workers a
/// step gives the same bits every time. After the first steps with the largest sizes, a step
/// allocates nothing.
public final class TrainingStep: @unchecked Sendable {
  private enum Phase {
    case forward, backward, reduce, update
  }

  /// The model whose weights change.
  public let model: CrossEncoder
  /// The weights as products in less than 32 bits read them; nil in 32 bits.
  public let reduced: ReducedWeights?
  package let optimizer: AdamW
  private let options: StepOptions
  private let replicas: [Replica]
  private let shares: [Share]
  private var workers: Workers?
  /// The seconds in which workers were at work.
  private var rounds = 0.0

  // What the workers read while a phase runs.
  private var phase = Phase.forward
  private var batch: TrainingBatch
  private var dropoutKey: DropoutKey?
  /// The scores of the batch; every worker writes those of its shard.
  private var scoreMemory = Storage(count: 0)
  private var scores: [Double] = []
  private var scoreGradients: [Double] = []
  private var update = AdamWUpdate(count: 1, rate: 0)
  private var rows: TouchedRows
  private var workspace = LossWorkspace()

  /// A step for a model.
  public init(
    _ model: CrossEncoder, _ optimizer: AdamWOptions, _ options: StepOptions = StepOptions()
  ) {
    let count = max(1, options.workers ?? Workers.cores)
    let parameters = model.parameters
    self.model = model
    self.options = options
    let reduced = ReducedWeights(parameters, options.precision)
    self.reduced = reduced
    let words = options.frozen.embeddings ? nil : model.words
    self.optimizer = AdamW(
      parameters.table, optimizer, rows: words, fresh: model.fresh,
      isFrozen: { options.frozen.contains($0) })
    let frozen = parameters.table.entries.filter { options.frozen.contains($0.name) }
      .map(\.parameter)
    replicas = (0..<count).map { _ in Replica(model, reduced, frozen: frozen) }
    rows = TouchedRows(rows: model.words.shape[0])
    shares = Share.dividing(self.optimizer.runs, rows: words?.shape[0] ?? 0, among: count)
    batch = TrainingBatch(workers: count)
    workers = Workers(count: count) { [unowned self] worker in self.work(worker) }
  }

  deinit { workers?.stop() }

  /// What products are computed in.
  public var precision: Precision { options.precision }

  /// The tokens of a slice where a worker goes through slices; nil where it does not.
  public var sliceTokens: Int? { options.sliceTokens }

  /// How many workers there are.
  public var workerCount: Int { replicas.count }

  /// The floating-point operations spent in matrix products so far.
  public var productOperations: Double { replicas.reduce(0) { $0 + $1.tape.productOperations } }

  /// What the workers spent their time on so far, added up. Waiting is what is left of the time in
  /// which some worker worked; the time between rounds is not in it.
  package var times: WorkTimes {
    var times = replicas.reduce(WorkTimes()) { $0 + $1.times }
    times.waiting = Double(replicas.count) * rounds - times.total
    return times
  }

  /// The memory of activations that the workers hold, in bytes.
  package var activationMemory: Int {
    replicas.reduce(0) { $0 + $1.tape.memoryCapacity } * MemoryLayout<Float>.stride
  }

  /// Adds the gradient of `loss` over a batch, times `scale`, to the gradients. Without a dropout
  /// key, dropout is off. `meanwhile` runs on the calling thread while the workers compute.
  ///
  /// - Returns: the value of the loss; where it is not finite, nothing was added.
  public func accumulate(
    _ batch: TrainingBatch, _ loss: Loss, dropout: DropoutKey?, scale: Double = 1,
    meanwhile: () -> Void = {}
  ) -> Double {
    self.batch = batch
    dropoutKey = dropout
    if batch.pairs > scoreMemory.floats.count { scoreMemory = Storage(count: 2 * batch.pairs) }
    run(.forward, meanwhile: meanwhile)
    scores.removeAll(keepingCapacity: true)
    for i in 0..<batch.pairs { scores.append(Double(scoreMemory.floats[i])) }
    scoreGradients.removeAll(keepingCapacity: true)
    scoreGradients.append(contentsOf: repeatElement(0, count: batch.pairs))
    let value = evaluate(loss, scores, batch, draw: UInt64(dropout?.step ?? 0), scale: scale)
    guard value.isFinite else { return value }
    if !options.frozen.embeddings {
      for shard in batch.shards { rows.touch(shard.ids) }
    }
    run(.backward)
    return value
  }

  /// The loss; `scoreGradients` becomes its gradient times `scale`.
  private func evaluate(
    _ loss: Loss, _ scores: [Double], _ batch: TrainingBatch, draw: UInt64, scale: Double
  ) -> Double {
    // Moved out and back, so that the class's copy does not make writing to it allocate.
    var gradients: [Double] = []
    swap(&gradients, &scoreGradients)
    defer { swap(&gradients, &scoreGradients) }
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

  /// Adds the workers' gradients up and updates the weights: update number `count`, from 1, with
  /// the learning rate `rate`, times `freshFactor` for parameters that started from nothing.
  ///
  /// - Returns: the length of the gradient before clipping; where it is not finite, the weights are
  ///   untouched.
  public func apply(count: Int, rate: Double, freshFactor: Double = 1) -> Double {
    run(.reduce)
    let norm = replicas.reduce(0) { $0 + $1.squares }.squareRoot()
    guard norm.isFinite else { return norm }
    update = AdamWUpdate(
      count: count, rate: rate, freshFactor: freshFactor,
      gradientScale: optimizer.scale(forNorm: norm))
    run(.update)
    rows.endStep()
    return norm
  }

  /// Starts the optimizer over: its averages are zero.
  package func forgetMoments() {
    optimizer.forget()
    rows.forget()
  }

  /// Weights and averages were read from a checkpoint.
  package func restored() {
    reduced?.refresh()
    rows.restore(optimizer.second.floats[model.words.range], columns: model.words.shape[1])
  }

  /// The gradients of the parameters after `accumulate`, added up; they are zero after this. Those
  /// of frozen parameters mean nothing.
  package func takeGradients() -> [Float] {
    run(.reduce)
    rows.endStep()
    let total = replicas[0].gradients.floats
    let result = total.array
    for replica in replicas { replica.gradients.floats.fill(0) }
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
        replica.forward(
          model, batch.shards[worker], dropoutKey, options, into: scoreMemory.floats)
      }
    case .backward:
      timed(&replica.passes) {
        replica.backward(
          model, batch.shards[worker], dropoutKey, options, from: scoreGradients)
      }
    case .reduce: timed(&replica.optimizer) { reduce(worker) }
    case .update: timed(&replica.optimizer) { update(worker) }
    }
  }

  private func reduce(_ worker: Int) {
    var squares = 0.0
    func add(_ range: Range<Int>) {
      let total = replicas[0].gradients.floats[range]
      for replica in replicas.dropFirst() { total.takeOver(replica.gradients.floats[range]) }
      squares += total.sumOfSquares
    }
    for run in shares[worker].runs { add(run.range) }
    let words = model.words
    var position = worker
    while position < rows.ofStep.count {
      add(words.rows(rows.ofStep[position]..<rows.ofStep[position] + 1).range)
      position += replicas.count
    }
    replicas[worker].squares = squares
  }

  private func update(_ worker: Int) {
    let (weights, gradient) = (model.parameters.values.floats, replicas[0].gradients.floats)
    for run in shares[worker].runs {
      optimizer.update(run, weights, gradient, update, reduced: reduced)
    }
    rows.forEachRun(in: shares[worker].rows) { run, isTouched in
      let range = model.words.rows(run).range
      if isTouched {
        optimizer.update(rows: range, weights, gradient, update)
      } else {
        optimizer.decay(rows: range, weights, update)
      }
    }
  }
}

/// What one worker adds up and updates.
private struct Share {
  var runs: [AdamW.Run] = []
  /// Rows of the table of words.
  var rows: Range<Int>

  /// Shares of about the same size, the borders where cache lines begin.
  static func dividing(_ runs: [AdamW.Run], rows: Int, among count: Int) -> [Share] {
    let total = runs.reduce(0) { $0 + $1.range.count }
    let size = (total / count + 15) / 16 * 16
    return (0..<count).map { worker in
      let mine =
        worker * size..<(worker == count - 1 ? max(total, worker * size) : (worker + 1) * size)
      var share = Share(rows: rows * worker / count..<rows * (worker + 1) / count)
      var start = 0
      for run in runs {
        let part = mine.clamped(to: start..<start + run.range.count)
        if !part.isEmpty {
          let shift = run.range.lowerBound - start
          share.runs.append(
            AdamW.Run(
              range: part.lowerBound + shift..<part.upperBound + shift, decays: run.decays,
              isFresh: run.isFresh))
        }
        start += run.range.count
      }
      return share
    }
  }
}
