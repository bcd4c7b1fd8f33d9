/// The body of `POST /rerank`, as text-embeddings-inference reads it.
struct InferenceRequest: Decodable {
  let call: RerankCall

  private struct Texts: Decodable {
    let texts: [String]

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      try list.check("texts", limit: decoder.mostListMembers)
      var texts: [String] = []
      while !list.isAtEnd { texts.append(try list.decode(String.self)) }
      self.texts = texts
    }
  }

  private enum Keys: String, CodingKey {
    case query, texts, truncate
    case isRaw = "raw_scores"
    case returnsText = "return_text"
    case direction = "truncation_direction"
  }

  init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: Keys.self)
    func flag(_ key: Keys) throws -> Bool? { try object.decodeIfPresent(Bool.self, forKey: key) }
    let query = try object.decode(String.self, forKey: .query)
    let texts = try object.decode(Texts.self, forKey: .texts).texts
    if let direction = try object.decodeIfPresent(String.self, forKey: .direction),
      direction.lowercased() != "right"
    {
      throw DecodingError.dataCorruptedError(
        forKey: .direction, in: object, debugDescription: "texts are only cut at their right end")
    }
    // Without a word about it, long texts are cut, as `--auto-truncate` has it there, which is on
    // or off by the version.
    call = RerankCall(
      scoring: ScoringRequest(
        query: query, documents: texts, refusesCutting: try flag(.truncate) == false),
      returnsTexts: try flag(.returnsText) ?? false, isRaw: try flag(.isRaw) ?? false)
  }
}

/// What clients of text-embeddings-inference look for in a response without scores.
struct InferenceError: Encodable {
  let error: String
  let errorType: String
}

/// A document of the response with scores.
struct InferenceResponse: Encodable {
  let index: Int
  let score: Double
  let text: String?

  /// The whole response: a list.
  static func ranks(_ call: RerankCall, _ result: ScoringResult) -> [InferenceResponse] {
    call.ranking(result).map { index, logit in
      InferenceResponse(
        index: index, score: call.isRaw ? Double("\(logit)") ?? Double(logit) : sigmoid(logit),
        text: call.returnsTexts ? call.scoring.documents[index] : nil)
    }
  }
}
