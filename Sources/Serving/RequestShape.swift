import Foundation

/// The forms in which rerankers are asked and answer.
enum RequestShape: Sendable {
  /// Cohere's, versions 1 and 2, which Jina's is like.
  case cohere(version: Int)
  /// That of text-embeddings-inference.
  case inference

  /// What the list of documents is called.
  var names: String {
    switch self {
    case .cohere: "documents"
    case .inference: "texts"
    }
  }

  /// The status of a response without scores. In that of text-embeddings-inference, some classes
  /// have one of their own.
  func status(_ refusal: Refusal) -> Int {
    switch (self, refusal.kind) {
    case (.inference, .empty): 400
    case (.inference, .backend): 424
    default: refusal.status
    }
  }

  /// The body of a response without scores.
  func body(_ refusal: Refusal) -> [UInt8] {
    switch self {
    case .cohere: json(CohereError(message: refusal.reason, detail: refusal.reason))
    case .inference:
      json(InferenceError(error: refusal.reason, errorType: refusal.kind.rawValue))
    }
  }

  /// The body of a response with scores.
  func body(
    _ call: RerankCall, _ result: ScoringResult, model: String, id: String, maximumLength: Int
  ) -> [UInt8] {
    switch self {
    case .cohere(let version):
      json(
        CohereResponse(
          call, result, model: model, id: id, version: version, maximumLength: maximumLength))
    case .inference: json(InferenceResponse.ranks(call, result))
    }
  }
}

/// A value as JSON. Scores are finite and everything else is text and whole numbers, so there is
/// nothing that JSON could not express.
func json(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
  return (try? encoder.encode(value)).map { Array($0) } ?? []
}

/// What decoding has to know.
struct ShapeLimits: Sendable {
  /// The most documents of a request.
  var documents: Int

  /// Where decoders keep it.
  static let key = CodingUserInfoKey(rawValue: "limits")
}

extension Decoder {
  /// The most members of a list; nil where that is left open.
  var mostListMembers: Int? {
    (ShapeLimits.key.flatMap { userInfo[$0] } as? ShapeLimits)?.documents
  }
}

extension UnkeyedDecodingContainer {
  /// Refuses a list that is too long before anybody looks at its members.
  func check(_ name: String, limit: Int?) throws {
    guard let limit, let count, count > limit else { return }
    throw Refusal(413, "'\(name)' has \(count) members; at most \(limit) are allowed")
  }
}
