import NIOCore
import Synchronization

/// One client's connection, as requests on it see it.
final class Connection: Sendable {
  private struct State {
    var isGone = false
    var action: (@Sendable () -> Void)?
  }

  let channel: any Channel
  private let state = Mutex(State())

  init(_ channel: any Channel) { self.channel = channel }

  /// Whether the client no longer waits for a response.
  var isGone: Bool { state.withLock(\.isGone) }

  /// From now on does something when the client goes away, or at once where it is gone; nil for
  /// nothing.
  func whenGone(_ action: (@Sendable () -> Void)?) {
    let isGone = state.withLock { state in
      state.action = action
      return state.isGone
    }
    if isGone { action?() }
  }

  /// Notes that the client is gone.
  func leave() {
    let action = state.withLock { state in
      state.isGone = true
      defer { state.action = nil }
      return state.action
    }
    action?()
  }
}

/// All open connections.
final class Connections: Sendable {
  private let open = Mutex<[ObjectIdentifier: Connection]>([:])

  /// How many there are.
  var count: Int { open.withLock(\.count) }

  /// Notes a new one.
  func add(_ channel: any Channel) -> Connection {
    let connection = Connection(channel)
    open.withLock { $0[ObjectIdentifier(channel)] = connection }
    return connection
  }

  /// Forgets one that is closed.
  func remove(_ connection: Connection) {
    open.withLock { $0[ObjectIdentifier(connection.channel)] = nil }
  }

  /// The one over a channel; nil where it is closed.
  func connection(over channel: any Channel) -> Connection? {
    open.withLock { $0[ObjectIdentifier(channel)] }
  }

  /// Closes all of them, whatever happens on them.
  func closeAll() {
    for connection in open.withLock({ Array($0.values) }) {
      connection.channel.close(promise: nil)
    }
  }
}
