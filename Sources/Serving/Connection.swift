import NIOCore
import Synchronization

/// One client's connection, as requests on it see it.
final class Connection: Sendable {
  private struct State {
    var isGone = false
    var isAnswered = false
    var isCut = false
    var action: (@Sendable () -> Void)?
    var held: [TakenBytes] = []
  }

  let channel: any Channel
  /// Whether there were as many as there may be when it came.
  let isOneTooMany: Bool
  private let state = Mutex(State())

  init(_ channel: any Channel, isOneTooMany: Bool) {
    self.channel = channel
    self.isOneTooMany = isOneTooMany
  }

  /// Whether the client no longer waits for a response.
  var isGone: Bool { state.withLock(\.isGone) }

  /// Whether the client no longer waits because all its requests were answered.
  var isAnswered: Bool { state.withLock(\.isAnswered) }

  /// Whether it has to be closed, whatever happens on it.
  var isCut: Bool { state.withLock(\.isCut) }

  /// From now on does something when the client goes away, or at once where it is gone; nil for
  /// nothing.
  func whenGone(_ action: (@Sendable () -> Void)?) {
    let isGone = state.withLock { state in
      state.action = action
      return state.isGone
    }
    if isGone { action?() }
  }

  /// Notes that the client is gone, unless that is known: by itself, or because it got all answers
  /// that there are.
  func leave(answered: Bool = false) {
    let action = state.withLock { state in
      if !state.isGone { (state.isGone, state.isAnswered) = (true, answered) }
      defer { state.action = nil }
      return state.action
    }
    action?()
  }

  /// Closes it, whatever happens on it.
  func cut() {
    state.withLock { $0.isCut = true }
    channel.close(promise: nil)
  }

  /// Keeps the bytes of a response that is about to be written. Every response has some, even if
  /// there are none, so that they stay in the responses' order.
  func hold(_ bytes: TakenBytes) { state.withLock { $0.held.append(bytes) } }

  /// The bytes of the response that is being written, to be given back when they are sent.
  func release() -> TakenBytes? {
    state.withLock { $0.held.isEmpty ? nil : $0.held.removeFirst() }
  }
}
