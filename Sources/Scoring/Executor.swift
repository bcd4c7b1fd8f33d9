import Autodiff
import Batches
import Foundation
import Models
import Tensors

/// Runs a model without gradients on every core: evaluation, reranking, re-mining, teaching,
/// embedding and serving differ in its input and in the use of the results.
///
/// Each worker has a tape and a slice of items. It fills the slice, computes a row of numbers for
/// each of its items, delivers them, and continues with the next slice at once, so that no core
/// waits for the others.
final class Executor<Items: PackedItems>: Sendable {
  /// Computes a row for each item on a worker's thread: `[count, width]`. It may change the form of the
  /// items, not their order.
  typealias Compute =
    @Sendable (_ worker: Int, _ items: inout Items, _ tape: inout Tape) -> Floats
  /// Adds at least one item to a worker's empty slice, on the worker's thread; false ends the
  /// worker.
  typealias Fill = @Sendable (_ worker: Int, _ items: inout Items) -> Bool
  /// Receives the rows of a slice's items, on the worker's thread.
  typealias Deliver = @Sendable (_ worker: Int, _ items: Items, _ rows: Floats) -> Void

  /// The target number of tokens per slice: enough for matrix products at full speed, and few
  /// enough that a slice's activations fit the core's caches and that workers end at about the same
  /// time with only a few thousand tokens.
  static var sliceUnits: Int { 512 }

  private let team: Team<Items>
  private let workers: Workers

  /// An executor, by default with one worker per core. `reduced` is a copy of the weights in the
  /// precision of the products; nil for 32 bits.
  init(
    _ parameters: Parameters, _ reduced: ReducedWeights?, workers count: Int?,
    compute: @escaping Compute
  ) {
    let count = max(1, count ?? Workers.cores)
    let team = Team<Items>(parameters, reduced, count: count, compute)
    self.team = team
    workers = Workers(count: count) { worker in team.work(worker) }
  }

  deinit { workers.stop() }

  /// The number of workers.
  var workerCount: Int { workers.count }

  /// The floating-point operations spent in matrix products so far.
  var productOperations: Double { team.productOperations }

  /// The workers' times by activity so far, summed.
  var times: WorkTimes { team.times }

  /// Fills, computes and delivers slices, in no particular order, until `fill` has returned false
  /// to every worker. Concurrent calls run one after the other.
  ///
  /// - Parameter compute: another computation than the executor's own; nil for that.
  func run(
    compute: Compute? = nil, fill: @escaping Fill, deliver: @escaping Deliver
  ) {
    team.run(.init(compute: compute, fill: fill, deliver: deliver), by: workers)
  }
}

/// The shared state of an executor's workers.
private final class Team<Items: PackedItems>: @unchecked Sendable {
  struct Job {
    let compute: Executor<Items>.Compute?
    let fill: Executor<Items>.Fill
    let deliver: Executor<Items>.Deliver
  }

  private final class Replica {
    var tape: Tape
    var items = Items()
    /// The seconds spent on slices.
    var passes = 0.0

    init(_ parameters: Parameters, _ reduced: ReducedWeights?) {
      tape = Tape(parameters, reduced: reduced)
    }
  }

  private let replicas: [Replica]
  private let compute: Executor<Items>.Compute
  /// Held during a run, since there is only one set of workers.
  private let turn = NSLock()
  private var job: Job?
  /// The seconds during which workers were running.
  private var rounds = 0.0

  init(
    _ parameters: Parameters, _ reduced: ReducedWeights?, count: Int,
    _ compute: @escaping Executor<Items>.Compute
  ) {
    replicas = (0..<count).map { _ in Replica(parameters, reduced) }
    self.compute = compute
  }

  var productOperations: Double { replicas.reduce(0) { $0 + $1.tape.productOperations } }

  var times: WorkTimes {
    var times = replicas.reduce(WorkTimes()) { sum, replica in
      var own = replica.tape.times
      own.rows = replica.passes - own.products - own.attention
      return sum + own
    }
    times.waiting = Double(replicas.count) * rounds - times.total
    return times
  }

  func run(_ job: Job, by workers: Workers) {
    turn.lock()
    defer { turn.unlock() }
    self.job = job
    timed(&rounds) { workers.run() }
    self.job = nil
  }

  func work(_ worker: Int) {
    guard let job else { return }
    let replica = replicas[worker]
    let compute = job.compute ?? compute
    timed(&replica.passes) {
      while true {
        replica.items.removeAll()
        guard job.fill(worker, &replica.items) else { return }
        replica.tape.reset()
        let rows = compute(worker, &replica.items, &replica.tape)
        job.deliver(worker, replica.items, rows)
      }
    }
  }
}
