/// The members of a request's body, by name.
struct RequestBody {
  /// A key of an object, or a position in a list.
  struct Key: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) { (stringValue, intValue) = (name, nil) }
    init(_ place: Int) { (stringValue, intValue) = ("\(place)", place) }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
  }

  /// The keys whose default in vLLM is zero.
  private static let limitsOfVLLM: Set<String> = [
    "top_n", "max_tokens_per_doc", "max_tokens_per_query",
  ]

  let object: KeyedDecodingContainer<Key>
  let limits: ReadingLimits

  init(_ decoder: any Decoder) throws {
    object = try decoder.container(keyedBy: Key.self)
    limits = decoder.readingLimits
  }

  /// Whether a key has a value other than `null`.
  func has(_ name: String) -> Bool { (try? object.decodeNil(forKey: Key(name))) == false }

  /// The error for the value of a key.
  func mistake(_ name: String, _ problem: String) -> DecodingError {
    .dataCorruptedError(forKey: Key(name), in: object, debugDescription: problem)
  }

  /// Refuses keys whose unsupported effect would change scores or the response.
  func refuse(_ names: String..., because reason: String) throws {
    for name in names where has(name) { throw mistake(name, reason) }
  }

  func string(_ name: String) throws -> String? {
    try object.decodeIfPresent(String.self, forKey: Key(name))
  }

  /// A boolean under one of several names.
  func flag(_ names: String...) throws -> Bool? {
    try single(names) { try object.decodeIfPresent(Bool.self, forKey: Key($0)) }
  }

  /// A positive integer under one of several names. Zero means no limit for those keys and shapes
  /// in which it is the default.
  func count(_ names: String...) throws -> Int? {
    try single(names) { name in
      let count = try integer(name)
      guard let count else { return nil }
      if count == 0, limits.zeroIsNoLimit, Self.limitsOfVLLM.contains(name) { return nil }
      guard count > 0 else { throw mistake(name, "expected an integer above 0") }
      return count
    }
  }

  func integer(_ name: String) throws -> Int? {
    do {
      return try object.decodeIfPresent(Int.self, forKey: Key(name))
    } catch {
      if case DecodingError.typeMismatch = error { throw error }
      // The decoder's message would mention the range of Int.
      throw mistake(name, "expected an integer")
    }
  }

  private func single<Value: Equatable>(
    _ names: [String], _ read: (String) throws -> Value?
  ) throws -> Value? {
    var found: (name: String, value: Value)?
    for name in names {
      guard let value = try read(name) else { continue }
      if let found, found.value != value {
        throw mistake(name, "it contradicts '\(found.name)'")
      }
      found = found ?? (name, value)
    }
    return found?.value
  }

  /// A string, or a list of strings.
  func strings(_ name: String) throws -> [String] {
    if let text = try? object.decode(String.self, forKey: Key(name)) { return [text] }
    var list = try object.nestedUnkeyedContainer(forKey: Key(name))
    try limits.check(name, list)
    var texts: [String] = []
    while !list.isAtEnd { texts.append(try list.decode(String.self)) }
    return texts
  }
}

/// The context of decoding a body.
struct ReadingLimits: Sendable {
  /// The maximum number of documents per request.
  var documents: Int
  /// The maximum number of tokens per sequence, and of passages per document.
  var sequenceTokens: Int
  var passages: Int
  /// The properties that depend on the shape of the request.
  var documentsName = "documents"
  var returnsTexts = false
  /// Whether zero means no limit.
  var zeroIsNoLimit = false
  /// Whether the model's prompt has a place for an instruction.
  var takesInstruction = false

  /// The key of the context in a decoder.
  static let key = CodingUserInfoKey(rawValue: "limits")

  /// Refuses a list that is too long before its members are decoded.
  func check(_ name: String, _ list: any UnkeyedDecodingContainer) throws {
    guard let count = list.count, count > documents else { return }
    throw Refusal(413, "'\(name)' has \(count) members; at most \(documents) are allowed")
  }
}

extension Decoder {
  /// The context of the decoder.
  var readingLimits: ReadingLimits {
    guard let limits = ReadingLimits.key.flatMap({ userInfo[$0] }) as? ReadingLimits else {
      preconditionFailure("a body is read without limits")
    }
    return limits
  }
}

/// The settings of scoring in a request, on any route.
struct ScoringKeys {
  /// Whether scores remain logits.
  var isRaw: Bool
  /// Whether a document that would be truncated is an error.
  var refusesCutting: Bool
  /// The maximum number of tokens read per document.
  var mostDocumentTokens: Int?
  /// What makes a document relevant, instead of the model's own instruction.
  var instruction: String?

  /// The keys of these settings.
  static let names: Set<String> = [
    "raw_scores", "use_activation", "activation", "softmax", "truncate", "truncation",
    "truncation_direction", "truncation_side", "truncate_prompt_tokens", "max_tokens_per_doc",
    "max_tokens_per_query",
    "max_chunks_per_doc", "priority", "mm_processor_kwargs", "chat_template",
    "chat_template_kwargs", "instruction", "add_special_tokens", "return_embeddings",
  ]
  /// The keys without an effect.
  static let tolerated: Set<String> = ["model", "user", "request_id", "property", "cache_salt"]

  init(_ body: RequestBody) throws {
    let raw = try body.flag("raw_scores")
    let activation = try body.flag("use_activation", "activation", "softmax")
    if let raw, raw == activation {
      throw body.mistake("raw_scores", "it contradicts 'use_activation'")
    }
    isRaw = raw ?? activation.map { !$0 } ?? false
    refusesCutting = try body.flag("truncate", "truncation") == false
    for name in ["truncation_direction", "truncation_side"] {
      if let side = try body.string(name), side.lowercased() != "right" {
        throw body.mistake(name, "texts can only be truncated on the right")
      }
    }
    mostDocumentTokens = try body.count("max_tokens_per_doc")
    let longest = body.limits.sequenceTokens
    if let most = try body.count("max_tokens_per_query"), most < longest {
      throw body.mistake(
        "max_tokens_per_query",
        "a query is truncated only if query and document exceed the sequence length")
    }
    if let most = try body.integer("truncate_prompt_tokens"), most != -1, most != longest {
      throw body.mistake(
        "truncate_prompt_tokens",
        "query and document are truncated to \(longest) tokens; use 'max_tokens_per_doc' to truncate documents"
      )
    }
    if let most = try body.count("max_chunks_per_doc"), most < body.limits.passages {
      throw body.mistake(
        "max_chunks_per_doc", "the server reads up to \(body.limits.passages) passages per document"
      )
    }
    if let priority = try body.integer("priority"), priority != 0 {
      throw body.mistake("priority", "all requests have the same priority")
    }
    if try body.flag("add_special_tokens") == false {
      throw body.mistake("add_special_tokens", "the model requires pairs with special tokens")
    }
    if try body.flag("return_embeddings") == true {
      throw body.mistake("return_embeddings", "only scores are returned")
    }
    instruction = try body.string("instruction")
    if instruction != nil, !body.limits.takesInstruction {
      throw body.mistake("instruction", "the model's prompt has no place for an instruction")
    }
    try body.refuse(
      "mm_processor_kwargs", "chat_template", "chat_template_kwargs",
      because: "the model reads only a query and a text")
  }
}
