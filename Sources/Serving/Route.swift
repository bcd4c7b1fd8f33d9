/// What there is to ask for.
enum Route: Sendable, Equatable {
  case cohere(version: Int)
  case inference
  case health
  case ready
  case metrics
  case page
  case unknown

  /// The route of a request's target.
  init(path target: String) {
    let path = target.prefix { $0 != "?" && $0 != "#" }
    self =
      switch path {
      case "/v1/rerank": .cohere(version: 1)
      case "/v2/rerank": .cohere(version: 2)
      case "/rerank": .inference
      case "/health": .health
      case "/ready": .ready
      case "/metrics": .metrics
      case "/": .page
      default: .unknown
      }
  }

  /// What it is called where requests are counted.
  var name: String {
    switch self {
    case .cohere(let version): "/v\(version)/rerank"
    case .inference: "/rerank"
    case .health: "/health"
    case .ready: "/ready"
    case .metrics: "/metrics"
    case .page: "/"
    case .unknown: "other"
    }
  }

  /// The form in which it is told what is wrong with a request.
  var shape: RequestShape {
    switch self {
    case .inference: .inference
    case .cohere(let version): .cohere(version: version)
    default: .cohere(version: 2)
    }
  }

  /// Whether scores are asked for.
  var isRerank: Bool {
    switch self {
    case .cohere, .inference: true
    default: false
    }
  }

  /// Whether it is asked by those who look after the server.
  var isProbe: Bool {
    switch self {
    case .health, .ready, .metrics: true
    default: false
    }
  }

  /// Whether everybody may ask, with or without a token.
  var isOpen: Bool {
    switch self {
    case .health, .ready, .page: true
    default: false
    }
  }
}
