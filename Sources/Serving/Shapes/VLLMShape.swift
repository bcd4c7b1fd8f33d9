/// `/rerank` with `documents`, as in vLLM. The response serves all clients of this route: an older
/// client of Infinity requires the object's name, those of vLLM and Jina expect texts by default,
/// and a request with only a query and documents may come from Weaviate's module, which reads
/// `scores`.
struct VLLMShape: RequestShape {
  let name = "vllm"
  let returnsTexts = true
  let zeroIsNoLimit = true
  let repeatsTexts = true

  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool {
    route == .plain && keys.contains("documents")
  }

  /// Status 422 of other shapes is 400 here.
  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8]) {
    LlamaShape().answer(refusal)
  }

  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8] {
    let scores = call.isBare ? WeaviateResponse.scores(call, result) : nil
    return json(CohereResponse(call, result, context, object: "rerank", scores: scores))
  }
}
