import Synchronization

/// How many bytes of requests and responses are held in memory.
final class ByteBudget: Sendable {
  /// How many bytes there are.
  let most: Int
  private let used = Mutex(0)

  init(_ most: Int) { self.most = most }

  /// How many bytes are taken.
  var taken: Int { used.withLock(\.self) }

  /// Takes so many bytes; false where there are not so many left.
  func take(_ bytes: Int) -> Bool {
    used.withLock { used in
      guard used + bytes <= most else { return false }
      used += bytes
      return true
    }
  }

  /// Gives bytes back.
  func give(_ bytes: Int) { used.withLock { $0 -= bytes } }
}

/// The bytes of a budget that one request has taken, and then its response; given back when
/// they are no longer needed.
final class TakenBytes: Sendable {
  private let budget: ByteBudget
  private let count = Mutex(0)

  init(_ budget: ByteBudget) { self.budget = budget }

  deinit { budget.give(count.withLock(\.self)) }

  /// Takes more bytes; false where there are not so many left.
  func take(_ more: Int) -> Bool {
    guard budget.take(more) else { return false }
    count.withLock { $0 += more }
    return true
  }

  /// Whether there would be so many more if nothing else had taken any.
  func mayTake(_ more: Int) -> Bool { count.withLock(\.self) + more <= budget.most }

  /// Gives back all but so many.
  func keep(_ bytes: Int) {
    let back = count.withLock { count in
      let back = max(0, count - bytes)
      count -= back
      return back
    }
    budget.give(back)
  }
}
