import NIOCore
import Synchronization

/// All open connections.
///
/// Beyond the limit some additional connections are accepted, whose first request is answered
/// before they are closed. Silent clients must not occupy them: once half of them are in use, the
/// one that has been silent for the longest time is closed.
final class Connections: Sendable {
  private struct State {
    var open: [ObjectIdentifier: Connection] = [:]
    /// The additional connections that can be closed without a loss: they have not sent a complete
    /// head, or have received their response. Oldest first.
    var expendable: [Connection] = []

    mutating func takeExpendable(but spared: Connection? = nil) -> Connection? {
      guard let place = expendable.firstIndex(where: { $0 !== spared }) else { return nil }
      return expendable.remove(at: place)
    }
  }

  /// The maximum number of connections beyond the limit.
  static let additional = 64

  private let most: Int
  private let state = Mutex(State())

  /// No connections yet; `most` is the limit.
  init(_ most: Int) { self.most = most }

  /// The number of open connections.
  var count: Int { state.withLock(\.open.count) }

  /// Whether the number exceeds the limit.
  var areTooMany: Bool { count > most }

  /// Adds a new connection.
  func add(_ channel: any Channel) -> Connection {
    let (connection, expendable) = state.withLock { state in
      let connection = Connection(channel, isOneTooMany: state.open.count >= most)
      state.open[ObjectIdentifier(channel)] = connection
      if connection.isOneTooMany { state.expendable.append(connection) }
      let areMany = state.open.count > most + Self.additional / 2
      return (connection, areMany ? state.takeExpendable(but: connection) : nil)
    }
    expendable?.cut()
    return connection
  }

  /// Records that a request's head has arrived on a connection.
  func hear(_ connection: Connection) {
    guard connection.isOneTooMany else { return }
    state.withLock { $0.expendable.removeAll { $0 === connection } }
  }

  /// Records that a connection only waits for its client to close it.
  func dismiss(_ connection: Connection) {
    guard connection.isOneTooMany else { return }
    state.withLock { state in
      guard state.open[ObjectIdentifier(connection.channel)] === connection else { return }
      state.expendable.append(connection)
    }
  }

  /// Closes a connection that can be closed without a loss, if there is any, to free its
  /// descriptor.
  func makeRoom() { state.withLock { $0.takeExpendable() }?.cut() }

  /// Removes a closed connection.
  func remove(_ connection: Connection) {
    state.withLock { state in
      state.open[ObjectIdentifier(connection.channel)] = nil
      if connection.isOneTooMany { state.expendable.removeAll { $0 === connection } }
    }
  }

  /// The connection over a channel; nil if it is closed.
  func connection(over channel: any Channel) -> Connection? {
    state.withLock { $0.open[ObjectIdentifier(channel)] }
  }

  /// Closes all connections, regardless of their requests.
  func closeAll() {
    for connection in state.withLock({ Array($0.open.values) }) { connection.cut() }
  }
}
