/// The `/rerank` of text-embeddings-inference: documents are `texts`, the response is a list.
/// llama.cpp responds in the same way to such bodies on all its routes.
struct InferenceShape: RequestShape {
  let name = "tei"
  let documentsName = "texts"

  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool {
    // A body with neither key gets an error in the form of the route.
    keys.contains("texts") || route == .plain && !keys.contains("documents")
  }

  /// Some classes of refusals have their own status in this shape.
  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8]) {
    let status =
      switch refusal.kind {
      case .empty: 400
      case .backend: 424
      default: refusal.status
      }
    return (status, json(InferenceError(refusal)))
  }

  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8] {
    json(
      call.ranking(result).map { index, logit in
        Rank(
          index: index, score: call.score(logit),
          text: call.returnsTexts ? call.scoring.documents[index] : nil)
      })
  }

  /// A document of the response.
  private struct Rank: Encodable {
    let index: Int
    let score: Double
    let text: String?
  }
}
