public import Autodiff
public import Models
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

/// One step of training on every core: all shards forward, the loss of all scores, all shards
/// backward, the gradients added up, the weights updated.
///
/// The loss sees only scores and labels, so lists may lie across shards. Gradients are added in the
/// order of workers: for a given number of workers a step gives the same bits every time. After the
/// first steps with the largest sizes, a step allocates nothing.
public final class TrainingStep: @unchecked Sendable {
  private final class Replica {
    var tape: Tape
    let gradients: Storage
    var scores: Value?
    var scoreGradients: [Float] = []
    /// The sum of squares of this worker's range of the total gradient.
    var squares = 0.0

    init(_ parameters: Parameters) {
      gradients = Storage(count: parameters.table.count)
      tape = Tape(parameters, gradients: gradients)
    }
  }

  private enum Phase {
    case forward, backward, reduce, update
  }

  /// The model whose weights change.
  public let model: CrossEncoder
  package let optimizer: AdamW
  private let replicas: [Replica]
  private let ranges: [Range<Int>]
  private var workers: Workers?

  // What the workers read while a phase runs.
  private var phase = Phase.forward
  private var batch: TrainingBatch
  private var dropoutKey: DropoutKey?
  /// The scores of the batch; every worker writes those of its shard.
  private var scoreMemory = Storage(count: 0)
  private var scores: [Double] = []
  private var scoreGradients: [Double] = []
  private var update: (count: Int, rate: Double, scale: Double) = (0, 0, 1)
  private var workspace = LossWorkspace()

  /// A step for a model, with one worker a core unless said otherwise.
  public init(_ model: CrossEncoder, _ options: AdamWOptions, workers count: Int? = nil) {
    let count = max(1, count ?? Workers.cores)
    self.model = model
    optimizer = AdamW(model.parameters.table, options)
    replicas = (0..<count).map { _ in Replica(model.parameters) }
    let total = model.parameters.table.count
    let part = (total / count + 15) / 16 * 16
    ranges = (0..<count).map { worker in
      min(total, worker * part)..<(worker == count - 1 ? total : min(total, (worker + 1) * part))
    }
    batch = TrainingBatch(workers: count)
    workers = Workers(count: count) { [unowned self] worker in self.work(worker) }
  }

  deinit { workers?.stop() }

  /// How many workers there are.
  public var workerCount: Int { replicas.count }

  /// The floating-point operations spent in matrix products so far.
  public var productOperations: Double { replicas.reduce(0) { $0 + $1.tape.productOperations } }

  /// Adds the gradient of `loss` over a batch, times `scale`, to the gradients. Without a dropout
  /// key, dropout is off.
  ///
  /// - Returns: the value of the loss; where it is not finite, nothing was added.
  public func accumulate(
    _ batch: TrainingBatch, _ loss: Loss, dropout: DropoutKey?, scale: Double = 1
  ) -> Double {
    self.batch = batch
    dropoutKey = dropout
    if batch.pairs > scoreMemory.floats.count { scoreMemory = Storage(count: 2 * batch.pairs) }
    run(.forward)
    scores.removeAll(keepingCapacity: true)
    for i in 0..<batch.pairs { scores.append(Double(scoreMemory.floats[i])) }
    scoreGradients.removeAll(keepingCapacity: true)
    scoreGradients.append(contentsOf: repeatElement(0, count: batch.pairs))
    let value = evaluate(loss, scores, batch, draw: UInt64(dropout?.step ?? 0), scale: scale)
    guard value.isFinite else { return value }
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
      scores: scores.span, labels: batch.labels.span, offsets: batch.listOffsets.span, draw: draw,
      gradient: &gradient, workspace: &workspace)
    for i in gradient.indices { gradient[i] *= scale }
    return value
  }

  /// Adds the workers' gradients up and updates the weights: update number `count`, from 1.
  ///
  /// - Returns: the length of the gradient before clipping; where it is not finite, the weights are
  ///   untouched.
  public func apply(count: Int, rate: Double) -> Double {
    run(.reduce)
    let norm = replicas.reduce(0) { $0 + $1.squares }.squareRoot()
    guard norm.isFinite else { return norm }
    update = (count, rate, optimizer.scale(forNorm: norm))
    run(.update)
    return norm
  }

  /// The gradients of the parameters after `accumulate`, added up; they are zero after this.
  package func takeGradients() -> [Float] {
    run(.reduce)
    let total = replicas[0].gradients.floats
    let result = total.array
    total.fill(0)
    return result
  }

  /// The scores of the last batch, pair by pair.
  public var lastScores: [Double] { scores }

  private func run(_ phase: Phase) {
    self.phase = phase
    workers?.run()
  }

  private func work(_ worker: Int) {
    switch phase {
    case .forward: forward(replicas[worker], batch.shards[worker])
    case .backward: backward(replicas[worker], batch.shards[worker])
    case .reduce: reduce(worker)
    case .update:
      optimizer.update(
        model.parameters.values.floats, replicas[0].gradients.floats, in: ranges[worker],
        count: update.count, rate: update.rate, gradientScale: update.scale)
    }
  }

  private func forward(_ replica: Replica, _ shard: PackedBatch) {
    replica.tape.reset()
    replica.scores = nil
    guard shard.sequences > 0 else { return }
    replica.tape.dropoutKey = dropoutKey
    let placed = PlacedBatch(shard, on: &replica.tape)
    let scores = model.scores(placed, on: &replica.tape)
    replica.scores = scores
    let values = replica.tape.values(of: scores)
    for (i, member) in shard.members.enumerated() { scoreMemory.floats[Int(member)] = values[i] }
  }

  private func backward(_ replica: Replica, _ shard: PackedBatch) {
    guard let scores = replica.scores else { return }
    replica.scoreGradients.removeAll(keepingCapacity: true)
    for member in shard.members {
      replica.scoreGradients.append(Float(scoreGradients[Int(member)]))
    }
    let gradients = replica.scoreGradients
    replica.tape.backward(from: scores, gradient: gradients.span)
  }

  private func reduce(_ worker: Int) {
    let range = ranges[worker]
    let total = replicas[0].gradients.floats[range]
    for replica in replicas.dropFirst() { total.takeOver(replica.gradients.floats[range]) }
    replicas[worker].squares = total.sumOfSquares
  }
}
