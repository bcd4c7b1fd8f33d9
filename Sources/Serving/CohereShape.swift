/// The body of `POST /v1/rerank` and `/v2/rerank`, as clients of Cohere and Jina write it.
struct CohereRequest: Decodable {
  let call: RerankCall

  /// A document: a text, or an object with one.
  private struct Document: Decodable {
    let text: String

    private enum Keys: String, CodingKey { case text }

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self.text = text
        return
      }
      guard let object = try? decoder.container(keyedBy: Keys.self) else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "expected a string or an object with a string 'text'"))
      }
      text = try object.decode(String.self, forKey: .text)
    }
  }

  private struct Documents: Decodable {
    let texts: [String]

    init(from decoder: any Decoder) throws {
      texts = try decoder.list(of: Document.self, "documents").map(\.text)
    }
  }

  private enum Keys: String, CodingKey {
    case model, query, documents
    case most = "top_n"
    case returnsDocuments = "return_documents"
    case mostTokens = "max_tokens_per_doc"
  }

  init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: Keys.self)
    func count(_ key: Keys) throws -> Int? {
      let wrong = DecodingError.dataCorruptedError(
        forKey: key, in: object, debugDescription: "expected a whole number above 0")
      let count: Int?
      do {
        count = try object.decodeIfPresent(Int.self, forKey: key)
      } catch {
        if case DecodingError.typeMismatch = error { throw error }
        // Of a number that is no Int the decoder says that the whole is not JSON.
        throw wrong
      }
      guard let count else { return nil }
      guard count > 0 else { throw wrong }
      return count
    }
    let query = try object.decode(String.self, forKey: .query)
    let documents = try object.decode(Documents.self, forKey: .documents).texts
    call = RerankCall(
      scoring: ScoringRequest(
        query: query, documents: documents, mostDocumentTokens: try count(.mostTokens)),
      model: try object.decodeIfPresent(String.self, forKey: .model),
      most: try count(.most),
      returnsTexts: try object.decodeIfPresent(Bool.self, forKey: .returnsDocuments) ?? false)
  }
}

/// What Cohere's clients, and Jina's, look for in a response without scores.
struct CohereError: Encodable {
  let message: String
  let detail: String
}

/// The response with scores. The encoder spells keys with underscores.
struct CohereResponse: Encodable {
  struct Result: Encodable {
    struct Document: Encodable { let text: String }

    let index: Int
    let relevanceScore: Double
    let document: Document?
  }

  struct Meta: Encodable {
    struct Version: Encodable { let version: String }
    struct Tokens: Encodable { let inputTokens: Int }

    let apiVersion: Version
    let tokens: Tokens
    let warnings: [String]?
    let truncatedDocuments: Int
    let splitDocuments: Int
  }

  struct Usage: Encodable {
    let totalTokens: Int
    let promptTokens: Int
  }

  let id: String
  let object = "list"
  let model: String
  let results: [Result]
  let usage: Usage
  let meta: Meta

  init(
    _ call: RerankCall, _ result: ScoringResult, model: String, id: String, version: Int,
    maximumLength: Int
  ) {
    self.id = id
    self.model = model
    results = call.ranking(result).map { index, logit in
      Result(
        index: index, relevanceScore: sigmoid(logit),
        document: call.returnsTexts ? .init(text: call.scoring.documents[index]) : nil)
    }
    usage = Usage(totalTokens: result.tokens, promptTokens: result.tokens)
    let warning = "documents were not read as a whole: together with the query, they have too many"
    meta = Meta(
      apiVersion: .init(version: "\(version)"), tokens: .init(inputTokens: result.tokens),
      warnings: result.cut == 0
        ? nil : ["\(result.cut) \(warning) tokens for sequences of \(maximumLength)"],
      truncatedDocuments: result.cut, splitDocuments: result.split)
  }

  private enum CodingKeys: String, CodingKey {
    case id, object, model, results, usage, meta
  }
}
