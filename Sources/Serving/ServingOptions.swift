/// Where a server listens, and what it asks of clients.
public struct ServingOptions: Sendable {
  /// The name or address of the interface it listens on.
  public var host = "127.0.0.1"
  /// The port; 0 for any that is free.
  public var port = 8080
  /// What a client has to show; nil where none is needed.
  public var token: BearerToken?
  /// How much is taken on.
  public var limits = ServingLimits()
  /// The shape in which all rerank requests are read and answered, one of `shapes`; nil where their
  /// routes and keys decide.
  public var shape: String?
  /// The pages that may ask from a browser; nil for those of the server alone.
  public var crossOrigin: CrossOrigin?
  /// The version of the program, for clients that ask.
  public var version = ""

  /// The shapes there are.
  public static var shapes: [String] { RequestShapes.all.map(\.name) }

  /// The shape that is named.
  var requestShape: (any RequestShape)? { shape.flatMap(RequestShapes.named) }

  /// A server on this machine's own address, without a token.
  public init() {}
}

/// How much a server takes on before it refuses. Memory stays below what follows from these,
/// whatever clients do.
public struct ServingLimits: Sendable {
  /// The most bytes of a request's body.
  public var bodyBytes = 8 << 20
  /// The most documents of a request.
  public var documents = 1000
  /// The most bytes of a query or of a document.
  public var textBytes = 1 << 20
  /// The most documents of all requests together that wait to be scored.
  public var queuedDocuments = 8192
  /// The most bytes of the bodies of all requests and responses together.
  public var bytesInMemory = 128 << 20
  /// The most open connections.
  public var connections = 512
  /// How long a request may wait for its scores once it is there as a whole.
  public var requestTimeout = Duration.seconds(60)
  /// How long a client may take to send a request, and to take a response.
  public var readTimeout = Duration.seconds(20)
  /// How long a connection stays open between two requests.
  public var idleTimeout = Duration.seconds(75)
  /// How long requests may take to end once the server is asked to stop.
  public var shutdownTimeout = Duration.seconds(30)

  /// Limits for a model on a machine of its own size.
  public init() {}

  /// The most bytes of a response with the scores of so many documents, without their texts.
  package static func mostResponseBytes(documents: Int) -> Int { 1024 + 128 * documents }
}
