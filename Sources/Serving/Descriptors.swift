public import Diagnostics
import Foundation

/// The open files and sockets that the system lets this process have.
enum Descriptors {
  /// How many it may have at a time, and how many it may let itself have; nil where the system does
  /// not tell.
  static var limits: (now: Int, most: Int)? {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return nil }
    return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
  }

  /// Lets this process have so many, which are no more than it may let itself have.
  static func raise(to count: Int) -> Bool {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return false }
    limit.rlim_cur = rlim_t(count)
    return unsafe setrlimit(resource, &limit) == 0
  }

  /// How many it has.
  static var open: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 64
  }

  private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}

extension ServingLimits {
  /// What a server needs beside its connections: event loops, the port, and what is opened for a
  /// moment.
  private static var otherDescriptors: Int {
    Descriptors.open + 3 * ProcessInfo.processInfo.activeProcessorCount + 32
  }

  /// Has the system let this process have a descriptor for each connection, and returns a note
  /// where it lets it have fewer, and so there are fewer connections.
  ///
  /// - Throws: `unavailable` where there are too few for the connections that were asked for, or
  ///   for any at all.
  public mutating func makeRoomForConnections(asked: Bool) throws(Failure) -> String? {
    guard let limits = Descriptors.limits else { return nil }
    let other = Self.otherDescriptors + Connections.additional
    let needed = connections + other
    if needed <= limits.now { return nil }
    if needed <= limits.most, Descriptors.raise(to: needed) { return nil }
    let most = Descriptors.raise(to: limits.most) ? limits.most : limits.now
    let room = most - other
    let why =
      "\(connections) connections need \(needed) descriptors, and this process may have \(most)"
    guard !asked, room > 0 else {
      let less = room > 0 ? "give --max-connections \(room) or less, or " : ""
      throw Failure(
        .unavailable, why,
        remedy: less
          + "raise the limit: ulimit -n in a shell, LimitNOFILE= of systemd, --ulimit nofile= of Docker"
      )
    }
    connections = room
    return "at most \(room) connections: \(why)"
  }
}
