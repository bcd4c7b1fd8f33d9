import Diagnostics
import Foundation
import Synchronization

/// Calls `body` for every number below `count`, in ascending order, on one thread per core. No
/// further call starts after a failure.
///
/// - Throws: the error of the failed call with the smallest number.
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
