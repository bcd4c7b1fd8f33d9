/// Cohere's `/v1/rerank` and `/v2/rerank`; Jina's API is similar.
struct CohereShape: RequestShape {
  let name = "cohere"

  func owns(_ keys: Set<String>, on route: RerankRoute) -> Bool {
    route == .version1 || route == .version2
  }

  func answer(_ refusal: Refusal) -> (status: Int, body: [UInt8]) {
    (refusal.status, json(CommonError(refusal, status: refusal.status)))
  }

  func answer(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) -> [UInt8] {
    json(CohereResponse(call, result, context, object: "list"))
  }
}

/// The response with scores; other shapes use it with a different name of the object.
struct CohereResponse: Encodable {
  struct Result: Encodable {
    let index: Int
    let relevanceScore: Double
    /// The document's text, or the texts of its fields.
    let document: [String: String]?
  }

  struct Meta: Encodable {
    struct Version: Encodable { let version: String }
    struct Tokens: Encodable { let inputTokens: Int }

    let apiVersion: Version
    let tokens: Tokens
    let warnings: [String]?
    let truncatedDocuments: Int
    let splitDocuments: Int

    init(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) {
      apiVersion = Version(version: context.route == .version1 ? "1" : "2")
      tokens = Tokens(inputTokens: result.tokens)
      let all = call.warnings + Self.warnings(result, context)
      warnings = all.isEmpty ? nil : all
      truncatedDocuments = result.cut
      splitDocuments = result.split
    }

    private static func warnings(_ result: ScoringResult, _ context: AnswerContext) -> [String] {
      if result.cut == 0 { return [] }
      return [
        "\(result.cut) documents or their query were truncated; limits: "
          + "\(context.maximumLength) tokens per sequence, the maximum number of passages, and "
          + "'max_tokens_per_doc'"
      ]
    }
  }

  /// A document and its score, in the form that Weaviate's module reads.
  typealias Scored = WeaviateResponse.Score

  let id: String
  let object: String
  let model: String
  let results: [Result]
  let usage: Usage
  let meta: Meta
  let created: Int?
  let scores: [Scored]?

  init(
    _ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext, object: String,
    scores: [Scored]? = nil
  ) {
    id = context.id
    model = call.model ?? context.model
    self.object = object
    self.scores = scores
    created = object == "list" ? nil : context.created
    results = call.ranking(result).map { index, logit in
      Result(
        index: index, relevanceScore: call.score(logit),
        document: call.returnsTexts
          ? call.objects[index] ?? ["text": call.scoring.documents[index]] : nil)
    }
    usage = Usage(result)
    meta = Meta(call, result, context)
  }
}
