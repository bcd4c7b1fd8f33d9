/// The body of a rerank request in any shape. Every key that known clients send either has an
/// effect here or is refused.
struct RerankBody: Decodable {
  let call: RerankCall

  private static let names = ScoringKeys.names.union(ScoringKeys.tolerated).union([
    "query", "documents", "texts", "top_n", "top_k", "return_documents", "return_text",
    "rank_fields",
  ])

  init(from decoder: any Decoder) throws {
    let body = try RequestBody(decoder)
    let query = try body.object.decode(String.self, forKey: RequestBody.Key("query"))
    let scoring = try ScoringKeys(body)
    let asksForTexts = try body.flag("return_documents", "return_text")
    let keys = Set(body.object.allKeys.map(\.stringValue))
    let documents = try Self.documents(body, keepsObjects: asksForTexts ?? body.limits.returnsTexts)
    var call = RerankCall(
      scoring: ScoringRequest(
        query: query, documents: documents.texts, refusesCutting: scoring.refusesCutting,
        mostDocumentTokens: scoring.mostDocumentTokens))
    call.scoring.instruction = scoring.instruction
    call.documentsName = documents.name
    call.model = try body.string("model")
    call.most = try body.count("top_n", "top_k")
    call.returnsTexts = asksForTexts ?? body.limits.returnsTexts
    call.objects = documents.objects
    call.isRaw = scoring.isRaw
    call.isBare = keys == ["query", "documents"]
    if documents.lacksObjects {
      call.warnings.append("'rank_fields' is ignored: no document is an object")
    }
    call.warn(ofUnknown: keys.subtracting(Self.names))
    self.call = call
  }

  private static func documents(
    _ body: RequestBody, keepsObjects: Bool
  ) throws -> DocumentList {
    if body.has("texts") {
      if body.has("documents") {
        throw body.mistake("documents", "it cannot be combined with 'texts'")
      }
      guard !body.has("rank_fields") else {
        throw body.mistake("rank_fields", "'texts' are strings, which have no fields")
      }
      return try DocumentList(body, "texts")
    }
    // Null is not a list; for a missing key the message has the name in the request's shape.
    let isThere = body.object.contains(RequestBody.Key("documents"))
    let name = isThere ? "documents" : body.limits.documentsName
    return try DocumentList(body, name, keepsObjects: keepsObjects)
  }
}

/// The documents of a request: texts, or objects whose selected fields form the text.
private struct DocumentList {
  /// The name of their key.
  let name: String
  private(set) var texts: [String] = []
  /// The text fields of documents that are objects, by the documents' numbers.
  private(set) var objects: [Int: [String: String]] = [:]
  /// Whether fields are selected, but no document has any.
  private(set) var lacksObjects = false

  /// Reads `texts`, which are strings.
  init(_ body: RequestBody, _ name: String) throws {
    self.name = name
    var list = try body.object.nestedUnkeyedContainer(forKey: RequestBody.Key(name))
    try body.limits.check(name, list)
    while !list.isAtEnd { texts.append(try list.decode(String.self)) }
  }

  /// Reads `documents`. The selected fields of an object are joined in their order, as Cohere does;
  /// by default only `text` is read.
  init(_ body: RequestBody, _ name: String, keepsObjects: Bool) throws {
    self.name = name
    var list = try body.object.nestedUnkeyedContainer(forKey: RequestBody.Key(name))
    try body.limits.check(name, list)
    let rankFields = try body.object.decodeIfPresent(
      [String].self, forKey: RequestBody.Key("rank_fields"))
    // A duplicate field is read once: a text is not longer than its object.
    var seen: Set<String> = []
    let named = (rankFields ?? []).filter { seen.insert($0).inserted }
    let fields = named.isEmpty ? ["text"] : named
    lacksObjects = !named.isEmpty
    while !list.isAtEnd {
      if let text = try? list.decode(String.self) {
        texts.append(text)
        continue
      }
      let path = list.codingPath + [RequestBody.Key(list.currentIndex)]
      guard let object = try? list.nestedContainer(keyedBy: RequestBody.Key.self) else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: path,
            debugDescription: "expected a string or an object with a string '\(fields[0])'"))
      }
      lacksObjects = false
      let values = try fields.map {
        try object.decode(String.self, forKey: RequestBody.Key($0))
      }
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
}
