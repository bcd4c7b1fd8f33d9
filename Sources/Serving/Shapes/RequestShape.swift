import Foundation

/// The requests and responses of a family of rerank servers. A new family is one file beside this
/// one and one entry in `RequestShapes.all`.
protocol RequestShape: Sendable {
  /// Its name for `--shape`.
  var name: String { get }
  /// Whether a request on a route with these keys in its body is of this shape, if no option
  /// selects one.
  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool
  /// The name of the list of documents in messages about a request without one.
  var documentsName: String { get }
  /// Whether texts are returned by default.
  var returnsTexts: Bool { get }
  /// Whether zero means no limit.
  var zeroIsNoLimit: Bool { get }
  /// Whether the response to a request with only a query and documents contains its texts twice.
  var repeatsTexts: Bool { get }
  /// The status and the body of a response without scores.
  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8])
  /// The body of a response with scores.
  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8]
}

extension RequestShape {
  var documentsName: String { "documents" }
  var returnsTexts: Bool { false }
  var zeroIsNoLimit: Bool { false }
  var repeatsTexts: Bool { false }
}

/// The supported shapes.
enum RequestShapes {
  /// All shapes; the first one that owns a request answers it.
  static let all: [any RequestShape] = [
    WeaviateShape(), InferenceShape(), InfinityShape(), CohereShape(), LlamaShape(), VLLMShape(),
  ]

  /// The shape of a name; nil for an unknown name.
  static func named(_ name: String) -> (any RequestShape)? { all.first { $0.name == name } }

  /// The shape that answers a request on a route with these keys in its body.
  static func shape(of keys: Set<String>, on route: RerankRoute) -> any RequestShape {
    all.first { $0.owns(keys, on: route) } ?? route.shape
  }
}

/// The routes of rerank requests.
enum RerankRoute: String, Sendable, CaseIterable {
  case version1 = "/v1/rerank"
  case version2 = "/v2/rerank"
  case plain = "/rerank"
  case reranking = "/reranking"
  case version1Reranking = "/v1/reranking"

  /// The shape of errors before the body is known.
  var shape: any RequestShape {
    switch self {
    case .version1, .version2: CohereShape()
    case .plain: InferenceShape()
    case .reranking, .version1Reranking: LlamaShape()
    }
  }
}

/// The properties of a response besides scores.
struct AnswerContext: Sendable {
  /// The route of the request.
  var route = RerankRoute.version2
  /// The name of the model, unless the request gives one.
  var model: String
  /// The maximum number of tokens per sequence.
  var maximumLength: Int
  /// The id of this response.
  let id = UUID().uuidString.lowercased()
  /// Seconds since 1970.
  let created = Int(Date().timeIntervalSince1970)

  init(model: String, maximumLength: Int) {
    self.model = model
    self.maximumLength = maximumLength
  }
}

/// The number of tokens read, in the form of most shapes.
struct Usage: Encodable {
  let totalTokens: Int
  let promptTokens: Int

  init(_ result: ScoringResult) {
    totalTokens = result.tokens
    promptTokens = result.tokens
  }
}

/// A value as JSON with keys in snake case. Scores are finite and everything else is text and
/// integers, so that encoding cannot fail.
func json(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
  return (try? encoder.encode(value)).map { Array($0) } ?? []
}
