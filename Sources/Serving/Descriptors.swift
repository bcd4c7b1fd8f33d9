public import Diagnostics
import Foundation

/// The descriptors (open files and sockets) that the system allows this process.
enum Descriptors {
  /// The soft and the hard limit; nil if the system does not report them.
  static var limits: (now: Int, most: Int)? {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return nil }
    return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
  }

  /// Raises the soft limit to `count`, which must not exceed the hard one.
  static func raise(to count: Int) -> Bool {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return false }
    limit.rlim_cur = rlim_t(count)
    return unsafe setrlimit(resource, &limit) == 0
  }

  /// The number of open descriptors.
  static var open: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 64
  }

  private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}

extension ServingLimits {
  /// The descriptors that a server needs beside its connections: for event loops, the port, and
  /// short-lived files.
  private static var otherDescriptors: Int {
    Descriptors.open + 3 * ProcessInfo.processInfo.activeProcessorCount + 32
  }

  /// Raises the limit to one descriptor per connection. If the system allows fewer, reduces the
  /// number of connections and returns a note.
  ///
  /// - Throws: `unavailable` if there are too few for the requested number of connections, or for
  ///   any.
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
