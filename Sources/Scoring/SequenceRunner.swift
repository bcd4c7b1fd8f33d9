import Autodiff
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
  /// speed, few enough for a slice's activations to take a few megabytes.
  private static let sliceTokens = 2048

  typealias Write =
    @Sendable (_ member: Int, _ ids: inout [Int32], _ types: inout [Int32]) -> Void
  typealias Consume =
    @Sendable (_ batch: PlacedBatch, _ members: [Int32], _ tape: inout Tape) -> Void
  typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void

  private final class Replica {
    var tape: Tape
    var batch = PackedBatch()
    init(_ parameters: Parameters) { tape = Tape(parameters) }
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
  private var job: Job?
  private let nextSlice = Atomic<Int>(0)
  private let doneTokens = Atomic<Int>(0)

  /// How many workers there are.
  var workerCount: Int { replicas.count }

  /// The floating-point operations spent in matrix products so far.
  var productOperations: Double { replicas.reduce(0) { $0 + $1.tape.productOperations } }

  init(_ parameters: Parameters, workers count: Int?) {
    let count = max(1, count ?? Workers.cores)
    replicas = (0..<count).map { _ in Replica(parameters) }
    workers = Workers(count: count) { [unowned self] worker in self.work(worker) }
  }

  deinit { workers?.stop() }

  /// Runs all sequences, whose lengths are given. `write` appends a sequence's ids and types;
  /// `consume` gets slices in no particular order, on the workers' threads.
  func run(
    lengths: [Int], write: @escaping Write, consume: @escaping Consume, progress: Progress?
  ) {
    // Longest first: the last slices to finish are then short ones, and the workers end together.
    let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var slices: [Range<Int>] = []
    var start = 0
    var tokens = 0
    for (i, member) in order.enumerated() {
      if tokens > 0, tokens + lengths[member] > Self.sliceTokens {
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
    workers?.run()
    job = nil
  }

  private func work(_ worker: Int) {
    guard let job else { return }
    let replica = replicas[worker]
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
