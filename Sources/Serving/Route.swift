/// What there is to ask for.
enum Route: Sendable, Equatable {
  case rerank(RerankRoute)
  case score
  case tokenize
  /// The models that there are: one.
  case models
  /// What text-embeddings-inference says of its model, and what Weaviate's module does.
  case info
  case meta
  case health
  case ready
  /// What Weaviate asks before it starts: whether the program answers, and whether it takes requests.
  case wellKnownLive
  case wellKnownReady
  case metrics
  case page
  /// A route that is not served; whether text-embeddings-inference has it.
  case unknown(isInference: Bool)

  /// The routes of text-embeddings-inference that are for other models than rerankers.
  private static let inferenceOnly: Set<Substring> = [
    "/predict", "/embed", "/embed_all", "/embed_sparse", "/similarity", "/decode",
  ]

  /// The route of a request's target, with or without a slash at its end.
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

  /// What it is called where requests are counted.
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

  /// The form in which refusals are told.
  var shape: any RequestShape {
    switch self {
    case .rerank(let route): route.shape
    case .score, .tokenize, .models: VLLMShape()
    case .info, .unknown(isInference: true): InferenceShape()
    case .meta, .wellKnownLive, .wellKnownReady: WeaviateShape()
    default: CohereShape()
    }
  }

  /// Whether a body is sent to it.
  var takesBody: Bool {
    switch self {
    case .rerank, .score, .tokenize: true
    default: false
    }
  }

  /// The methods there are.
  var methods: String { takesBody ? "POST" : "GET, HEAD" }

  /// Whether it is asked to see how the server is.
  var isProbe: Bool {
    switch self {
    case .health, .ready, .metrics, .wellKnownLive, .wellKnownReady: true
    default: false
    }
  }

  /// Whether it is answered without a token.
  var isOpen: Bool {
    switch self {
    case .health, .ready, .wellKnownLive, .wellKnownReady, .page: true
    default: false
    }
  }

  /// All routes, for responses to requests for others.
  static let all =
    "POST " + RerankRoute.allCases.map(\.rawValue).joined(separator: ", ")
    + ", /score, /v1/score, /tokenize; GET /v1/models, /models, /info, /meta, /health, /ready, "
    + "/.well-known/live, /.well-known/ready, /metrics, /"
}
