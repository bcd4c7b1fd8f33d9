/// `/rerank` with `documents`, as vLLM has it. The response is one for all who ask there: an older
/// client of Infinity insists on the object's name, vLLM's and Jina's expect texts to come back
/// unless the request says otherwise, and where a request says nothing but a query and documents,
/// it may be that of Weaviate's module, which reads `scores`.
struct VLLMShape: RequestShape {
  let name = "vllm"
  let returnsTexts = true
  let zeroIsNoLimit = true
  let repeatsTexts = true

  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool {
    route == .plain && keys.contains("documents")
  }

  /// What is 422 elsewhere is 400 there.
  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8]) {
    LlamaShape().answer(refusal)
  }

  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8] {
    let scores = call.isBare ? WeaviateResponse.scores(call, result) : nil
    return json(CohereResponse(call, result, context, object: "rerank", scores: scores))
  }
}
