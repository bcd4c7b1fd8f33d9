import NIOHTTP1

extension HTTPRequestHead {
  /// Whether no request may follow this one: the client announces it, uses HTTP/1.0, or asks for a
  /// different protocol, at which the parser stops.
  var endsConnection: Bool {
    !isKeepAlive || isOld || method == .CONNECT || headers.contains(name: "upgrade")
  }

  /// Whether the client waits for 100 Continue before sending the body, which HTTP/1.0 does not
  /// have.
  var asksToGoOn: Bool {
    !isOld && headers["expect"].contains { $0.lowercased() == "100-continue" }
  }

  /// The announced size of the body; nil if it is not announced.
  var bodyBytes: Int? { headers.first(name: "content-length").flatMap { Int($0) } }

  /// Whether it has exactly one `Host` header, as HTTP/1.1 requires.
  var namesHost: Bool { isOld || headers["host"].count == 1 }

  /// Whether it is HTTP/1.0; the parser rejects anything older.
  private var isOld: Bool { version.minor == 0 }
}

/// The facts about the last request on a connection.
struct LastRequest {
  var route = Route.unknown(isInference: false)
  /// The origin of the requesting page.
  var origin: String?
  /// Whether the response has no body.
  var isForHead = false
  /// The time of its arrival.
  var came = ContinuousClock.now

  /// An unknown request.
  init() {}

  init(_ head: HTTPRequestHead) {
    route = Route(path: head.uri)
    origin = head.headers.first(name: "origin")
    isForHead = head.method == .HEAD
  }
}
