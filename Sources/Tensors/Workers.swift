import Foundation

/// A fixed team of threads, one per core, that run the same function on different parts of the
/// work.
///
/// `run` passes every thread its number and returns when all are done; it allocates nothing. The
/// function is given once, when the team is created.
public final class Workers: @unchecked Sendable {
  /// The number of workers.
  public let count: Int

  private let condition = NSCondition()
  private let work: @Sendable (_ worker: Int) -> Void
  private var round = 0
  private var working = 0
  private var isStopped = false

  /// A team, by default with one worker per core; each worker runs `work` in every round.
  public init(count: Int? = nil, work: @escaping @Sendable (_ worker: Int) -> Void) {
    self.count = max(1, count ?? Self.cores)
    self.work = work
    for worker in 0..<self.count {
      let thread = Thread { [condition, weak self] in
        var done = 0
        while true {
          condition.lock()
          while let team = self, team.round == done, !team.isStopped { condition.wait() }
          guard let team = self, !team.isStopped else {
            condition.unlock()
            return
          }
          done += 1
          condition.unlock()
          team.work(worker)
          condition.lock()
          team.working -= 1
          if team.working == 0 { condition.broadcast() }
          condition.unlock()
        }
      }
      thread.stackSize = 8 << 20
      thread.name = "worker \(worker)"
      thread.start()
    }
  }

  /// The number of processors available to this process.
  public static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Runs one round and returns when every worker has finished. Meanwhile the calling thread runs
  /// `meanwhile`, which must not start a round, and then waits.
  public func run(meanwhile: () -> Void = {}) {
    condition.lock()
    working = count
    round += 1
    condition.broadcast()
    condition.unlock()
    meanwhile()
    condition.lock()
    while working > 0 { condition.wait() }
    condition.unlock()
  }

  /// Ends the threads.
  public func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    condition.unlock()
  }
}
