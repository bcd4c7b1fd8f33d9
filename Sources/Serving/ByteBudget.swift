import Synchronization

/// The memory budget of requests and responses, in bytes.
final class ByteBudget: Sendable {
  /// The size of the budget.
  let most: Int
  private let used = Mutex(0)

  init(_ most: Int) { self.most = most }

  /// The number of bytes in use.
  var taken: Int { used.withLock(\.self) }

  /// Takes bytes from the budget; false if there are not enough left.
  func take(_ bytes: Int) -> Bool {
    used.withLock { used in
      guard used + bytes <= most else { return false }
      used += bytes
      return true
    }
  }

  /// Returns bytes to the budget.
  func give(_ bytes: Int) { used.withLock { $0 -= bytes } }
}

/// The bytes of a budget in use by a request, and then by its response; returned when they are no
/// longer needed.
final class TakenBytes: Sendable {
  private let budget: ByteBudget
  private let count = Mutex(0)

  init(_ budget: ByteBudget) { self.budget = budget }

  deinit { budget.give(count.withLock(\.self)) }

  /// Takes more bytes; false if there are not enough left.
  func take(_ more: Int) -> Bool {
    guard budget.take(more) else { return false }
    count.withLock { $0 += more }
    return true
  }

  /// Whether the budget is large enough for `more` additional bytes if nothing else used it.
  func mayTake(_ more: Int) -> Bool { count.withLock(\.self) + more <= budget.most }

  /// Returns all but the given number of bytes.
  func keep(_ bytes: Int) {
    let back = count.withLock { count in
      let back = max(0, count - bytes)
      count -= back
      return back
    }
    budget.give(back)
  }
}
