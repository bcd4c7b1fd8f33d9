import Foundation

/// A request for an order of documents, whatever shape it came in.
struct RerankCall: Sendable {
  /// What is to be scored.
  var scoring: ScoringRequest
  /// The name that the client has for the model.
  var model: String?
  /// How many of the best documents are asked for; nil for all.
  var most: Int?
  /// Whether the texts are sent back.
  var returnsTexts = false
  /// What is sent back of documents that came as objects, by their numbers.
  var objects: [Int: [String: String]] = [:]
  /// Whether scores stay logits.
  var isRaw = false

  /// The most bytes of a response, beyond those of the request: texts come back no longer than they
  /// came.
  var mostResponseBytes: Int {
    let documents = scoring.documents.count
    return ServingLimits.mostResponseBytes(documents: min(most ?? documents, documents))
  }

  /// The documents' numbers and logits, the best first; documents of the same score stay in their
  /// order.
  func ranking(_ result: ScoringResult) -> [(index: Int, logit: Float)] {
    let order = result.scores.indices.sorted {
      (result.scores[$1], $0) < (result.scores[$0], $1)
    }
    return order.prefix(most ?? order.count).map { ($0, result.scores[$0]) }
  }
}

/// 1 / (1 + exp(−x)).
func sigmoid(_ logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }

/// Reads the bodies of requests, and says what is wrong with them.
struct BodyReader: Sendable {
  /// How much a request may ask for.
  let limits: ServingLimits

  /// A request of a shape from the bytes of its body.
  func call(_ shape: RequestShape, _ body: [UInt8]) throws(Refusal) -> RerankCall {
    guard !body.isEmpty else { throw Refusal(400, "the body is empty; expected JSON") }
    let notUTF8 = Refusal(400, "the body is not UTF-8")
    do {
      _ = try UTF8Span(validating: body.span)
    } catch {
      throw notUTF8
    }
    // Foundation would guess at other encodings by their zeros, which JSON has none of.
    if body.contains(0) { throw notUTF8 }
    let decoder = JSONDecoder()
    if let key = ShapeLimits.key {
      decoder.userInfo[key] = ShapeLimits(documents: limits.documents)
    }
    let call: RerankCall
    do {
      let data = Data(body)
      switch shape {
      case .cohere: call = try decoder.decode(CohereRequest.self, from: data).call
      case .inference: call = try decoder.decode(InferenceRequest.self, from: data).call
      }
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Self.refusal(error)
    }
    try check(call, shape)
    return call
  }

  private func check(_ call: RerankCall, _ shape: RequestShape) throws(Refusal) {
    let names = shape.names
    if call.scoring.query.allSatisfy(\.isWhitespace) {
      throw Refusal(422, "'query' is empty", kind: .empty)
    }
    if call.scoring.documents.isEmpty {
      throw Refusal(422, "'\(names)' is empty", kind: .empty)
    }
    try check(call.scoring.query, "query")
    for (number, text) in call.scoring.documents.enumerated() {
      try check(text, "\(names)[\(number)]")
    }
  }

  private func check(_ text: String, _ name: @autoclosure () -> String) throws(Refusal) {
    let count = text.utf8.count
    guard count > limits.textBytes else { return }
    throw Refusal(
      413, "'\(name())' has \(count) bytes of UTF-8; at most \(limits.textBytes) are allowed")
  }

  /// What a mistake in JSON is for whoever sent it.
  private static func refusal(_ error: any Error) -> Refusal {
    func path(_ keys: [any CodingKey]) -> String {
      keys.reduce("") { text, key in
        if let index = key.intValue { return text + "[\(index)]" }
        return text + (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return Refusal(422, "'\(path(context.codingPath + [key]))' is missing")
    case DecodingError.typeMismatch(let type, let context),
      DecodingError.valueNotFound(let type, let context):
      let name = path(context.codingPath)
      return Refusal(
        422, "\(name.isEmpty ? "the body" : "'\(name)'") is not \(words(for: type))")
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      return Refusal(422, "'\(path(context.codingPath))' is wrong: \(context.debugDescription)")
    default:
      return Refusal(400, "the body is not JSON")
    }
  }

  private static func words(for type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Int.Type: "a whole number"
    case is Bool.Type: "true or false"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
