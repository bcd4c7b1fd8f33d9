import Foundation

/// The requests and responses of a family of rerank servers. Another family is a file beside this
/// one, and an entry in `RequestShapes.all`.
protocol RequestShape: Sendable {
  /// What `--shape` calls it.
  var name: String { get }
  /// Whether requests on a route with these keys in their body are this shape's, where no option
  /// says which it is.
  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool
  /// What the list of documents is called where a request has none.
  var documentsName: String { get }
  /// Whether texts are sent back where a request does not say.
  var returnsTexts: Bool { get }
  /// Whether zero stands for no limit where a limit is asked for.
  var zeroIsNoLimit: Bool { get }
  /// Whether a request of nothing but a query and documents gets its texts twice.
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

/// The shapes there are.
enum RequestShapes {
  /// All of them; of those that own a request, the first answers it.
  static let all: [any RequestShape] = [
    WeaviateShape(), InferenceShape(), InfinityShape(), CohereShape(), LlamaShape(), VLLMShape(),
  ]

  /// The one of a name; nil where there is none.
  static func named(_ name: String) -> (any RequestShape)? { all.first { $0.name == name } }

  /// The one that answers a request on a route with these keys in its body.
  static func shape(of keys: Set<String>, on route: RerankRoute) -> any RequestShape {
    all.first { $0.owns(keys, on: route) } ?? route.shape
  }
}

/// The routes on which documents are put in order.
enum RerankRoute: String, Sendable, CaseIterable {
  case version1 = "/v1/rerank"
  case version2 = "/v2/rerank"
  case plain = "/rerank"
  case reranking = "/reranking"
  case version1Reranking = "/v1/reranking"

  /// The shape in which it is told what is wrong as long as nothing is known of the body.
  var shape: any RequestShape {
    switch self {
    case .version1, .version2: CohereShape()
    case .plain: InferenceShape()
    case .reranking, .version1Reranking: LlamaShape()
    }
  }
}

/// What a response says besides scores.
struct AnswerContext: Sendable {
  /// Where the request came in.
  var route = RerankRoute.version2
  /// What the model is called, unless the request had a name for it.
  var model: String
  /// The most tokens of a sequence.
  var maximumLength: Int
  /// What stands for this response.
  let id = UUID().uuidString.lowercased()
  /// Seconds since 1970.
  let created = Int(Date().timeIntervalSince1970)

  init(model: String, maximumLength: Int) {
    self.model = model
    self.maximumLength = maximumLength
  }
}

/// How many tokens were read, as most shapes have it.
struct Usage: Encodable {
  let totalTokens: Int
  let promptTokens: Int

  init(_ result: ScoringResult) {
    totalTokens = result.tokens
    promptTokens = result.tokens
  }
}

/// A value as JSON, keys spelt with underscores. Scores are finite and everything else is text and
/// integers, so there is nothing that JSON could not express.
func json(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
  return (try? encoder.encode(value)).map { Array($0) } ?? []
}
