import Foundation

/// A request for scores, whatever shape it came in.
struct RerankCall: Sendable {
  /// What is to be scored.
  var scoring: ScoringRequest
  /// What queries and documents are called in the body.
  var queryName = "query"
  var documentsName = "documents"
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
  /// Whether the body has a query and documents, and nothing else.
  var isBare = false
  /// What the client should know of its request.
  var warnings: [String] = []
  /// The bytes of texts that are sent back a second time.
  var repeatedBytes = 0

  init(scoring: ScoringRequest) { self.scoring = scoring }

  /// The most bytes of a response, beyond those of the request: texts come back no longer than they
  /// came.
  var mostResponseBytes: Int {
    let documents = scoring.documents.count
    return ServingLimits.mostResponseBytes(documents: min(most ?? documents, documents))
      + repeatedBytes
  }

  /// The documents' numbers and logits, the best first; documents of the same score stay in their
  /// order.
  func ranking(_ result: ScoringResult) -> [(index: Int, logit: Float)] {
    let order = result.scores.indices.sorted {
      (result.scores[$1], $0) < (result.scores[$0], $1)
    }
    return order.prefix(most ?? order.count).map { ($0, result.scores[$0]) }
  }

  /// A logit in the form that was asked for.
  func score(_ logit: Float) -> Double {
    isRaw ? Double("\(logit)") ?? Double(logit) : sigmoid(logit)
  }

  /// Says that keys were passed over.
  mutating func warn(ofUnknown keys: Set<String>) {
    if keys.isEmpty { return }
    let some = keys.sorted().prefix(3).map { "'\(String($0.unicodeScalars.prefix(24)))'" }
      .joined(separator: ", ")
    warnings.append("unknown keys are ignored: \(some)\(keys.count > 3 ? ", …" : "")")
  }
}

/// 1 / (1 + exp(−x)).
func sigmoid(_ logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }
