/// The body of `POST /v1/rerank` and `/v2/rerank`, as clients of Cohere and Jina write it.
struct CohereRequest: Decodable {
  let call: RerankCall

  private enum Keys: String, CodingKey {
    case model, query, documents
    case most = "top_n"
    case returnsDocuments = "return_documents"
    case rankFields = "rank_fields"
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
    let returnsTexts = try object.decodeIfPresent(Bool.self, forKey: .returnsDocuments) ?? false
    let documents = try CohereDocuments(
      object.nestedUnkeyedContainer(forKey: .documents), limit: decoder.mostListMembers,
      rankFields: try object.decodeIfPresent([String].self, forKey: .rankFields) ?? [],
      keepsObjects: returnsTexts)
    call = RerankCall(
      scoring: ScoringRequest(
        query: query, documents: documents.texts, mostDocumentTokens: try count(.mostTokens)),
      model: try object.decodeIfPresent(String.self, forKey: .model),
      most: try count(.most), returnsTexts: returnsTexts, objects: documents.objects)
  }
}

/// The documents of a request: texts, or objects of which some fields are one.
private struct CohereDocuments {
  private(set) var texts: [String] = []
  /// The fields that are text, of those that are objects, by their numbers.
  private(set) var objects: [Int: [String: String]] = [:]

  /// Reads a list. Of objects, the fields that are named are read one after the other, as Cohere
  /// reads them; without names, it is `text`.
  init(
    _ list: any UnkeyedDecodingContainer, limit: Int?, rankFields: [String], keepsObjects: Bool
  ) throws {
    var list = list
    try list.check("documents", limit: limit)
    // A field that is named twice is read once: a text has no more bytes than its object.
    var seen: Set<String> = []
    let named = rankFields.filter { seen.insert($0).inserted }
    let fields = named.isEmpty ? ["text"] : named
    while !list.isAtEnd {
      if let text = try? list.decode(String.self) {
        texts.append(text)
        continue
      }
      let path = list.codingPath + [Field(list.currentIndex)]
      guard let object = try? list.nestedContainer(keyedBy: Field.self) else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: path,
            debugDescription: "expected a string or an object with a string '\(fields[0])'"))
      }
      let values = try fields.map { try object.decode(String.self, forKey: Field($0)) }
      if keepsObjects {
        objects[texts.count] = object.allKeys.reduce(into: [:]) { strings, key in
          if let value = try? object.decode(String.self, forKey: key) {
            strings[key.stringValue] = value
          }
        }
      }
      texts.append(values.joined(separator: " "))
    }
  }

  /// Any field of an object, or a place in a list.
  private struct Field: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) { (stringValue, intValue) = (name, nil) }
    init(_ place: Int) { (stringValue, intValue) = ("\(place)", place) }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
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
        document: call.returnsTexts
          ? call.objects[index] ?? ["text": call.scoring.documents[index]] : nil)
    }
    usage = Usage(totalTokens: result.tokens, promptTokens: result.tokens)
    let warning =
      "\(result.cut) documents were not read as a whole, or not with the whole query: there is an "
      + "end to a sequence (\(maximumLength) tokens), to a document's passages and to "
      + "'max_tokens_per_doc'"
    meta = Meta(
      apiVersion: .init(version: "\(version)"), tokens: .init(inputTokens: result.tokens),
      warnings: result.cut == 0 ? nil : [warning],
      truncatedDocuments: result.cut, splitDocuments: result.split)
  }

  private enum CodingKeys: String, CodingKey {
    case id, object, model, results, usage, meta
  }
}
