import Foundation

/// A request for scores, regardless of its shape.
struct RerankCall: Sendable {
  /// The query and documents to score.
  var scoring: ScoringRequest
  /// The names of queries and documents in the body.
  var queryName = "query"
  var documentsName = "documents"
  /// The client's name of the model.
  var model: String?
  /// The number of best documents to return; nil for all.
  var most: Int?
  /// Whether texts are returned.
  var returnsTexts = false
  /// The fields to return of documents that came as objects, by the documents' numbers.
  var objects: [Int: [String: String]] = [:]
  /// Whether scores remain logits.
  var isRaw = false
  /// Whether the body has only a query and documents.
  var isBare = false
  /// Warnings to return with the response.
  var warnings: [String] = []
  /// The size of the texts that are returned a second time.
  var repeatedBytes = 0

  init(scoring: ScoringRequest) { self.scoring = scoring }

  /// The maximum size of the response in bytes, beyond that of the request: returned texts are not
  /// longer than in the request.
  var mostResponseBytes: Int {
    let documents = scoring.documents.count
    return ServingLimits.mostResponseBytes(documents: min(most ?? documents, documents))
      + repeatedBytes
  }

  /// The documents' numbers and logits in descending order of score; documents with equal scores
  /// retain their order.
  func ranking(_ result: ScoringResult) -> [(index: Int, logit: Float)] {
    let order = result.scores.indices.sorted {
      (result.scores[$1], $0) < (result.scores[$0], $1)
    }
    return order.prefix(most ?? order.count).map { ($0, result.scores[$0]) }
  }

  /// A logit in the requested form.
  func score(_ logit: Float) -> Double {
    isRaw ? Double("\(logit)") ?? Double(logit) : sigmoid(logit)
  }

  /// Adds a warning about ignored keys.
  mutating func warn(ofUnknown keys: Set<String>) {
    if keys.isEmpty { return }
    let some = keys.sorted().prefix(3).map { "'\(String($0.unicodeScalars.prefix(24)))'" }
      .joined(separator: ", ")
    warnings.append("unknown keys are ignored: \(some)\(keys.count > 3 ? ", …" : "")")
  }
}

/// 1 / (1 + exp(−x)).
func sigmoid(_ logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }
