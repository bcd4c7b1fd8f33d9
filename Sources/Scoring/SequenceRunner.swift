import Autodiff
import Batches
import Foundation
import Models
import Synchronization
import Tensors

/// Runs a model without gradients over any number of sequences, on every core.
///
/// Sequences are cut into slices of like lengths that fit a core's cache; which sequences share a
/// slice depends on the lengths alone, so results do not depend on how many workers there are.
final class SequenceRunner: @unchecked Sendable {
  /// How many tokens a worker takes at a time: enough for the matrix products to run at full
  /// speed, few enough for a slice's activations to stay near the core, and for the workers to end
  /// together when there are only some thousands of tokens to score.
  private static let sliceTokens = 512

  typealias Write =
    @Sendable (_ member: Int, _ ids: inout [Int32], _ types: inout [Int32]) -> Void
  typealias Consume =
    @Sendable (_ batch: PlacedBatch, _ members: [Int32], _ tape: inout Tape) -> Void
  typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void

  private final class Replica {
    var tape: Tape
    var batch = PackedBatch()
    /// The seconds spent with sequences.
    var passes = 0.0

    init(_ parameters: Parameters, _ reduced: ReducedWeights?) {
      tape = Tape(parameters, reduced: reduced)
    }
  }

  private struct Job {
    let slices: [Range<Int>]
    let order: [Int]
    let lengths: [Int]
    let write: Write
    let consume: Consume
    let progress: Progress?
  }

  private let replicas: [Replica]
  private var workers: Workers?
  /// Held while sequences are run: there is one set of workers, for one job.
  private let turn = NSLock()
  private var job: Job?
  /// The seconds in which workers were at work.
  private var rounds = 0.0
  private let nextSlice = Atomic<Int>(0)
  private let doneTokens = Atomic<Int>(0)

  /// How many workers there are.
  var workerCount: Int { replicas.count }

  /// The floating-point operations spent in matrix products so far.
  var productOperations: Double { replicas.reduce(0) { $0 + $1.tape.productOperations } }

  /// What the workers spent their time on so far, added up.
  var times: WorkTimes {
    var times = replicas.reduce(WorkTimes()) { sum, replica in
      var own = replica.tape.times
      own.rows = replica.passes - own.products - own.attention
      return sum + own
    }
    times.waiting = Double(replicas.count) * rounds - times.total
    return times
  }

  init(_ parameters: Parameters, _ reduced: ReducedWeights?, workers count: Int?) {
    let count = max(1, count ?? Workers.cores)
    replicas = (0..<count).map { _ in Replica(parameters, reduced) }
    workers = Workers(count: count) { [unowned self] worker in self.work(worker) }
  }

  deinit { workers?.stop() }

  /// Runs all sequences, whose lengths are given. `write` appends a sequence's ids and types;
  /// `consume` gets slices in no particular order, on the workers' threads. A slice has at most
  /// `sliceTokens` tokens, or one sequence. A call waits for the one before.
  func run(
    lengths: [Int], write: @escaping Write, sliceTokens: Int? = nil, consume: @escaping Consume,
    progress: Progress?
  ) {
    turn.lock()
    defer { turn.unlock() }
    let sliceTokens = sliceTokens ?? Self.sliceTokens
    // Longest first: the last slices to finish are then short ones, and the workers end together.
    let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var slices: [Range<Int>] = []
    var start = 0
    var tokens = 0
    for (i, member) in order.enumerated() {
      if tokens > 0, tokens + lengths[member] > sliceTokens {
        slices.append(start..<i)
        (start, tokens) = (i, 0)
      }
      tokens += lengths[member]
    }
    if start < order.count { slices.append(start..<order.count) }
    job = Job(
      slices: slices, order: order, lengths: lengths, write: write, consume: consume,
      progress: progress)
    nextSlice.store(0, ordering: .relaxed)
    doneTokens.store(0, ordering: .relaxed)
    timed(&rounds) { workers?.run() }
    job = nil
  }

  private func work(_ worker: Int) {
    guard let job else { return }
    timed(&replicas[worker].passes) { work(job, replicas[worker]) }
  }

  private func work(_ job: Job, _ replica: Replica) {
    let total = job.lengths.reduce(0, +)
    while true {
      let slice = nextSlice.add(1, ordering: .relaxed).oldValue
      guard slice < job.slices.count else { return }
      replica.batch.removeAll()
      for position in job.slices[slice] {
        let member = job.order[position]
        replica.batch.append(member: member, firstRow: 0) { ids, types in
          job.write(member, &ids, &types)
        }
      }
      replica.tape.reset()
      let placed = PlacedBatch(replica.batch, on: &replica.tape)
      job.consume(placed, replica.batch.members, &replica.tape)
      let done = doneTokens.add(replica.batch.tokens, ordering: .relaxed).newValue
      job.progress?(done, total)
    }
  }
}
