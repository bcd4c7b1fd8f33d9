/// The routes of the server.
enum Route: Sendable, Equatable {
  case rerank(RerankRoute)
  case score
  case tokenize
  /// The list of models, which has one.
  case models
  /// Information about the model, as in text-embeddings-inference and in Weaviate's module.
  case info
  case meta
  case health
  case ready
  /// The probes of Weaviate before it starts: whether the program responds, and whether it accepts
  /// requests.
  case wellKnownLive
  case wellKnownReady
  case metrics
  case page
  /// An unknown route; `isInference` if text-embeddings-inference has it.
  case unknown(isInference: Bool)

  /// The routes of text-embeddings-inference for models other than rerankers.
  private static let inferenceOnly: Set<Substring> = [
    "/predict", "/embed", "/embed_all", "/embed_sparse", "/similarity", "/decode",
  ]

  /// The route of a request's target, with or without a trailing slash.
  init(path target: String) {
    var path = target.prefix { $0 != "?" && $0 != "#" }
    if path.count > 1, path.last == "/" { path.removeLast() }
    if let route = RerankRoute(rawValue: String(path)) {
      self = .rerank(route)
      return
    }
    self =
      switch path {
      case "/score", "/v1/score": .score
      case "/tokenize": .tokenize
      case "/models", "/v1/models": .models
      case "/info": .info
      case "/meta": .meta
      case "/health": .health
      case "/ready": .ready
      case "/.well-known/live": .wellKnownLive
      case "/.well-known/ready": .wellKnownReady
      case "/metrics": .metrics
      case "/": .page
      default: .unknown(isInference: Self.inferenceOnly.contains(path))
      }
  }

  /// The name in metrics.
  var name: String {
    switch self {
    case .rerank(let route): route.rawValue
    case .score: "/score"
    case .tokenize: "/tokenize"
    case .models: "/models"
    case .info: "/info"
    case .meta: "/meta"
    case .health: "/health"
    case .ready: "/ready"
    case .wellKnownLive: "/.well-known/live"
    case .wellKnownReady: "/.well-known/ready"
    case .metrics: "/metrics"
    case .page: "/"
    case .unknown: "other"
    }
  }

  /// The shape of refusals.
  var shape: any RequestShape {
    switch self {
    case .rerank(let route): route.shape
    case .score, .tokenize, .models: VLLMShape()
    case .info, .unknown(isInference: true): InferenceShape()
    case .meta, .wellKnownLive, .wellKnownReady: WeaviateShape()
    default: CohereShape()
    }
  }

  /// Whether its requests have a body.
  var takesBody: Bool {
    switch self {
    case .rerank, .score, .tokenize: true
    default: false
    }
  }

  /// The allowed methods.
  var methods: String { takesBody ? "POST" : "GET, HEAD" }

  /// Whether it reports the state of the server.
  var isProbe: Bool {
    switch self {
    case .health, .ready, .metrics, .wellKnownLive, .wellKnownReady: true
    default: false
    }
  }

  /// Whether it needs no token.
  var isOpen: Bool {
    switch self {
    case .health, .ready, .wellKnownLive, .wellKnownReady, .page: true
    default: false
    }
  }

  /// All routes, for responses to requests for unknown ones.
  static let all =
    "POST " + RerankRoute.allCases.map(\.rawValue).joined(separator: ", ")
    + ", /score, /v1/score, /tokenize; GET /v1/models, /models, /info, /meta, /health, /ready, "
    + "/.well-known/live, /.well-known/ready, /metrics, /"
}
