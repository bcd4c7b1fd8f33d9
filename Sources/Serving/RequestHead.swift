import NIOHTTP1

extension HTTPRequestHead {
  /// Whether nothing that comes behind the request is one more: the client says so, does not know
  /// better (HTTP/1.0), or wants to go on in another protocol, for which the parser stops.
  var endsConnection: Bool {
    !isKeepAlive || isOld || method == .CONNECT || headers.contains(name: "upgrade")
  }

  /// Whether the client sends the body only once it is told to go on. HTTP/1.0 has no such thing.
  var asksToGoOn: Bool {
    !isOld && headers["expect"].contains { $0.lowercased() == "100-continue" }
  }

  /// How many bytes the body is said to have; nil where that is left open.
  var bodyBytes: Int? { headers.first(name: "content-length").flatMap { Int($0) } }

  /// Whether it says what HTTP/1.1 wants to hear: which host is meant, once.
  var namesHost: Bool { isOld || headers["host"].count == 1 }

  /// Whether it is HTTP/1.0; the parser lets nothing older through.
  private var isOld: Bool { version.minor == 0 }
}

/// What is remembered of the last request on a connection.
struct LastRequest {
  var route = Route.unknown(isInference: false)
  /// The origin of the page that asks.
  var origin: String?
  /// Whether the response has no body.
  var isForHead = false
  /// When it came.
  var came = ContinuousClock.now

  /// One of which nothing is known yet.
  init() {}

  init(_ head: HTTPRequestHead) {
    route = Route(path: head.uri)
    origin = head.headers.first(name: "origin")
    isForHead = head.method == .HEAD
  }
}
