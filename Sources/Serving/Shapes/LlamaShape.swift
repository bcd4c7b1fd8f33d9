/// llama.cpp's `/reranking` and `/v1/reranking`; its `/rerank` and `/v1/rerank` are also used by
/// other servers, whose responses have everything that its clients read.
struct LlamaShape: RequestShape {
  let name = "llama.cpp"

  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool {
    route == .reranking || route == .version1Reranking
  }

  /// Status 422 of other shapes is 400 here.
  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8]) {
    let status = refusal.status == 422 ? 400 : refusal.status
    return (status, json(CommonError(refusal, status: status)))
  }

  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8] {
    json(CohereResponse(call, result, context, object: "list"))
  }
}
