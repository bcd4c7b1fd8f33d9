/// The settings of a server.
public struct ServingOptions: Sendable {
  /// The name or address of its network interface.
  public var host = "127.0.0.1"
  /// The port; 0 for any free port.
  public var port = 8080
  /// The token that clients must send; nil if none is needed.
  public var token: BearerToken?
  /// The limits on clients.
  public var limits = ServingLimits()
  /// The shape of all rerank requests and responses, one of `shapes`; nil if it depends on their
  /// routes and keys.
  public var shape: String?
  /// The origins whose pages may send requests; nil for only the server's own.
  public var crossOrigin: CrossOrigin?
  /// The version of the program, for clients that request it.
  public var version = ""

  /// The names of the shapes.
  public static var shapes: [String] { RequestShapes.all.map(\.name) }

  /// The selected shape.
  var requestShape: (any RequestShape)? { shape.flatMap(RequestShapes.named) }

  /// A server on the loopback address, without a token.
  public init() {}
}

/// The limits beyond which a server refuses. They bound its memory, whatever clients do.
public struct ServingLimits: Sendable {
  /// The maximum size of a request's body in bytes.
  public var bodyBytes = 8 << 20
  /// The maximum number of documents per request.
  public var documents = 1000
  /// The maximum size of a query or a document in bytes.
  public var textBytes = 1 << 20
  /// The maximum number of documents that wait to be scored, over all requests.
  public var queuedDocuments = 8192
  /// The maximum size of the bodies of all requests and responses together, in bytes.
  public var bytesInMemory = 128 << 20
  /// The maximum number of open connections.
  public var connections = 512
  /// The time limit for the scores of a request, from its complete arrival.
  public var requestTimeout = Duration.seconds(60)
  /// The time limit for a client to send a request, and to read a response.
  public var readTimeout = Duration.seconds(20)
  /// The time that a connection stays open between requests.
  public var idleTimeout = Duration.seconds(75)
  /// The time limit for requests to finish after the server is asked to stop.
  public var shutdownTimeout = Duration.seconds(30)

  /// The default limits.
  public init() {}

  /// The maximum size in bytes of a response with the scores of a number of documents, without
  /// their texts.
  package static func mostResponseBytes(documents: Int) -> Int { 1024 + 128 * documents }
}
