import Diagnostics
import Foundation
import Synchronization

/// Calls `body` for every number below `count`, on as many threads as there are cores, the small
/// numbers first. Once a call has failed, no further one is made.
///
/// - Throws: what the call with the smallest number of those that failed has thrown.
func concurrently(
  _ count: Int, _ body: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  let first = Mutex<(number: Int, failure: Failure)?>(nil)
  let next = Atomic(0)
  let workers = min(count, ProcessInfo.processInfo.activeProcessorCount)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while first.withLock({ $0 == nil }) {
      let number = next.add(1, ordering: .relaxed).oldValue
      guard number < count else { return }
      do throws(Failure) {
        try body(number)
      } catch {
        first.withLock { first in
          if number < first?.number ?? .max { first = (number, error) }
        }
      }
    }
  }
  if let failure = first.withLock({ $0?.failure }) { throw failure }
}
