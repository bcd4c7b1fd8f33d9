import Diagnostics
import Foundation
import Synchronization

/// Runs something asynchronous and waits for it on this thread. The work has threads of its own, so
/// this one may be among those that other asynchronous work runs on.
func waiting<T: Sendable>(
  _ body: @escaping @Sendable () async throws(Failure) -> T
) throws(Failure) -> T {
  let done = DispatchSemaphore(value: 0)
  let outcome = Outcome<T>()
  Task.detached(executorPreference: OwnThreads.shared) {
    let result: Result<T, Failure>
    do throws(Failure) { result = .success(try await body()) } catch { result = .failure(error) }
    outcome.result.withLock { $0 = result }
    done.signal()
  }
  done.wait()
  guard let result = outcome.result.withLock({ $0 }) else {
    preconditionFailure("nothing was waited for")
  }
  return try result.get()
}

private final class Outcome<T: Sendable>: Sendable {
  let result = Mutex<Result<T, Failure>?>(nil)
}

/// Threads apart from those of Swift's own pool, which has no more than there are cores: a pool
/// whose threads all wait would never run what they wait for.
private final class OwnThreads: TaskExecutor {
  static let shared = OwnThreads()
  private let queue = DispatchQueue(label: "ltr.retrieval", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
