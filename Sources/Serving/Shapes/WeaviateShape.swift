/// The `/rerank` of Weaviate's module reranker-transformers. Its client always sends `property`,
/// and reads the scores in the order of the documents.
struct WeaviateShape: RequestShape {
  let name = "weaviate"

  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool {
    route == .plain && keys.contains("property")
  }

  /// The module reads `error` as a string.
  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8]) {
    (refusal.status, json(InferenceError(refusal)))
  }

  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8] {
    json(
      WeaviateResponse(
        query: call.scoring.query, scores: WeaviateResponse.scores(call, result),
        warnings: call.warnings.isEmpty ? nil : call.warnings))
  }
}

/// The response of Weaviate's module.
struct WeaviateResponse: Encodable {
  /// A document and its score.
  struct Score: Encodable {
    let document: String
    let score: Double
  }

  let query: String
  let scores: [Score]
  let warnings: [String]?

  /// The documents in the order of the request; only the best ones if their number is limited.
  static func scores(_ call: RerankCall, _ result: ScoringResult) -> [Score] {
    call.ranking(result).sorted { $0.index < $1.index }.map { index, logit in
      Score(document: call.scoring.documents[index], score: call.score(logit))
    }
  }
}
