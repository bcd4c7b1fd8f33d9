package import Diagnostics
import Foundation
import Synchronization

/// Runs an asynchronous operation and waits for it on this thread. The operation has its own
/// threads, so that this thread may belong to Swift's pool.
package func waiting<T: Sendable>(
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

/// Threads outside Swift's pool, which is limited to the number of cores: if all its threads
/// waited, the operations that they wait for would never run.
private final class OwnThreads: TaskExecutor {
  static let shared = OwnThreads()
  private let queue = DispatchQueue(label: "ltr.web", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
