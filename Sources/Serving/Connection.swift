import NIOCore
import Synchronization

/// One client's connection, as its requests use it.
final class Connection: Sendable {
  private struct State {
    var isGone = false
    var isAnswered = false
    var isCut = false
    var action: (@Sendable () -> Void)?
    var held: [TakenBytes] = []
  }

  let channel: any Channel
  /// Whether the maximum number of connections was open when it was accepted.
  let isOneTooMany: Bool
  private let state = Mutex(State())

  init(_ channel: any Channel, isOneTooMany: Bool) {
    self.channel = channel
    self.isOneTooMany = isOneTooMany
  }

  /// Whether the client no longer waits for a response.
  var isGone: Bool { state.withLock(\.isGone) }

  /// Whether the client no longer waits since all its requests have been answered.
  var isAnswered: Bool { state.withLock(\.isAnswered) }

  /// Whether the connection must be closed, regardless of its requests.
  var isCut: Bool { state.withLock(\.isCut) }

  /// Sets the action for when the client disconnects, which runs at once if it already has; nil for
  /// none.
  func whenGone(_ action: (@Sendable () -> Void)?) {
    let isGone = state.withLock { state in
      state.action = action
      return state.isGone
    }
    if isGone { action?() }
  }

  /// Records that the client no longer waits, unless that is known: it disconnected, or it has
  /// received all its responses.
  func leave(answered: Bool = false) {
    let action = state.withLock { state in
      if !state.isGone { (state.isGone, state.isAnswered) = (true, answered) }
      defer { state.action = nil }
      return state.action
    }
    action?()
  }

  /// Closes the connection, regardless of its requests.
  func cut() {
    state.withLock { $0.isCut = true }
    channel.close(promise: nil)
  }

  /// Retains the memory of a response that is about to be written. Every response has an entry,
  /// even an empty one, so that entries stay in the order of the responses.
  func hold(_ bytes: TakenBytes) { state.withLock { $0.held.append(bytes) } }

  /// The memory of the response that is being written, to be returned when it is sent.
  func release() -> TakenBytes? {
    state.withLock { $0.held.isEmpty ? nil : $0.held.removeFirst() }
  }
}
