/// Infinity's `/rerank`: documents are returned as strings, and errors have FastAPI's form. Its
/// client always sends `raw_scores`, which no other client sends with `documents`.
struct InfinityShape: RequestShape {
  let name = "infinity"

  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool {
    keys.contains("documents") && keys.contains("raw_scores")
  }

  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8]) {
    let common = CommonError(refusal, status: refusal.status)
    let detail = Mistake(loc: ["body"], msg: refusal.reason, type: "value_error")
    return (
      refusal.status,
      json(Mistakes(detail: [detail], message: refusal.reason, error: common.error))
    )
  }

  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8] {
    json(
      Response(
        results: call.ranking(result).map { index, logit in
          Response.Result(
            index: index, relevanceScore: call.score(logit),
            document: call.returnsTexts ? call.scoring.documents[index] : nil)
        },
        model: call.model ?? context.model, usage: Usage(result), id: "infinity-\(context.id)",
        created: context.created, meta: CohereResponse.Meta(call, result, context)))
  }

  private struct Mistake: Encodable {
    let loc: [String]
    let msg: String
    let type: String
  }

  private struct Mistakes: Encodable {
    let detail: [Mistake]
    let message: String
    let error: CommonError.Details
  }

  private struct Response: Encodable {
    struct Result: Encodable {
      let index: Int
      let relevanceScore: Double
      let document: String?
    }

    let object = "rerank"
    let results: [Result]
    let model: String
    let usage: Usage
    let id: String
    let created: Int
    let meta: CohereResponse.Meta

    private enum CodingKeys: String, CodingKey {
      case object, results, model, usage, id, created, meta
    }
  }
}
