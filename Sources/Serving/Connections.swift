import NIOCore
import Synchronization

/// All open connections.
///
/// Beyond those that stay there is room for some more, whose first request is answered. They must
/// not be taken up by clients that say nothing: where half of them are taken, the one that has been
/// silent longest makes room.
final class Connections: Sendable {
  private struct State {
    var open: [ObjectIdentifier: Connection] = [:]
    /// Those among the additional ones that nothing is lost with: they have sent no whole head, or
    /// have got their response. The longest first.
    var expendable: [Connection] = []

    mutating func takeExpendable(but spared: Connection? = nil) -> Connection? {
      guard let place = expendable.firstIndex(where: { $0 !== spared }) else { return nil }
      return expendable.remove(at: place)
    }
  }

  /// How many there may be beyond those that stay.
  static let additional = 64

  private let most: Int
  private let state = Mutex(State())

  /// None yet, and at most so many that stay.
  init(_ most: Int) { self.most = most }

  /// How many there are.
  var count: Int { state.withLock(\.open.count) }

  /// Whether there are more than may stay.
  var areTooMany: Bool { count > most }

  /// Notes a new one.
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

  /// Notes that a request's head has come on one.
  func hear(_ connection: Connection) {
    guard connection.isOneTooMany else { return }
    state.withLock { $0.expendable.removeAll { $0 === connection } }
  }

  /// Notes that one only waits for its client to close it.
  func dismiss(_ connection: Connection) {
    guard connection.isOneTooMany else { return }
    state.withLock { state in
      guard state.open[ObjectIdentifier(connection.channel)] === connection else { return }
      state.expendable.append(connection)
    }
  }

  /// Closes one that nothing is lost with, if there is any, to have its descriptor.
  func makeRoom() { state.withLock { $0.takeExpendable() }?.cut() }

  /// Forgets one that is closed.
  func remove(_ connection: Connection) {
    state.withLock { state in
      state.open[ObjectIdentifier(connection.channel)] = nil
      if connection.isOneTooMany { state.expendable.removeAll { $0 === connection } }
    }
  }

  /// The one over a channel; nil where it is closed.
  func connection(over channel: any Channel) -> Connection? {
    state.withLock { $0.open[ObjectIdentifier(channel)] }
  }

  /// Closes all of them, whatever happens on them.
  func closeAll() {
    for connection in state.withLock({ Array($0.open.values) }) { connection.cut() }
  }
}
