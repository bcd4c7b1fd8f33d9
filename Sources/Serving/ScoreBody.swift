/// The body of vLLM's `/score`: pairs of texts, whose scores are returned in their order.
struct ScoreBody: Decodable {
  let call: RerankCall

  /// The names of the two sides of the pairs.
  private static let spellings = [
    ("queries", "documents"), ("queries", "items"), ("data_1", "data_2"), ("text_1", "text_2"),
  ]
  private static let names = ScoringKeys.names.union(ScoringKeys.tolerated)
    .union(spellings.flatMap { [$0.0, $0.1] })

  init(from decoder: any Decoder) throws {
    let body = try RequestBody(decoder)
    guard let (left, right) = Self.spellings.first(where: { body.has($0.0) && body.has($0.1) })
    else {
      let all = Self.spellings.map { "'\($0.0)' and '\($0.1)'" }.joined(separator: ", or ")
      throw Refusal(422, "expected \(all)")
    }
    let keys = Set(body.object.allKeys.map(\.stringValue))
    for spelling in Self.spellings where spelling != (left, right) {
      for name in [spelling.0, spelling.1] where name != left && body.has(name) {
        throw body.mistake(name, "it cannot be combined with '\(left)' and '\(right)'")
      }
    }
    try body.refuse(
      "top_n", "top_k", "return_documents", "return_text",
      because: "all scores are returned, in the order of the pairs")
    let scoring = try ScoringKeys(body)
    let (queries, texts) = (try body.strings(left), try body.strings(right))
    guard !queries.isEmpty else { throw Refusal(422, "'\(left)' is empty", kind: .empty) }
    guard queries.count == 1 || queries.count == texts.count else {
      throw Refusal(
        422,
        "'\(left)' has \(queries.count) texts and '\(right)' has \(texts.count); expected one on "
          + "the left, or as many as on the right")
    }
    var call = RerankCall(
      scoring: ScoringRequest(
        query: queries[0], documents: texts, refusesCutting: scoring.refusesCutting,
        mostDocumentTokens: scoring.mostDocumentTokens))
    call.scoring.instruction = scoring.instruction
    if queries.count > 1 { call.scoring.queries = queries }
    (call.queryName, call.documentsName) = (left, right)
    call.model = try body.string("model")
    call.isRaw = scoring.isRaw
    call.warn(ofUnknown: keys.subtracting(Self.names))
    self.call = call
  }
}

/// The response of vLLM's `/score`.
struct ScoreResponse: Encodable {
  struct Score: Encodable {
    let index: Int
    let object = "score"
    let score: Double
    /// True for a truncated pair; others do not say.
    let truncated: Bool?

    private enum CodingKeys: String, CodingKey { case index, object, score, truncated }
  }

  let id: String
  let object = "list"
  let created: Int
  let model: String
  let data: [Score]
  let usage: Usage
  let warnings: [String]?

  init(_ call: RerankCall, _ result: ScoringResult, _ context: AnswerContext) {
    id = "score-\(context.id)"
    created = context.created
    model = call.model ?? context.model
    data = result.scores.enumerated().map {
      Score(
        index: $0, score: call.score($1), truncated: result.truncated.contains($0) ? true : nil)
    }
    usage = Usage(result)
    warnings = call.warnings.isEmpty ? nil : call.warnings
  }

  private enum CodingKeys: String, CodingKey {
    case id, object, created, model, data, usage, warnings
  }
}
