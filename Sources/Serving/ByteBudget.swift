import Synchronization

/// How many bytes of requests are held in memory.
final class ByteBudget: Sendable {
  private let most: Int
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
