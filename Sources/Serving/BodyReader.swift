import JSON

/// Reads the bodies of requests and reports errors in them.
struct BodyReader: Sendable {
  /// The limits of a request.
  let limits: ServingLimits
  /// The maximum number of tokens per sequence, and of passages per document.
  let sequenceTokens: Int
  let passages: Int
  /// Whether the model's prompt has a place for an instruction.
  var takesInstruction = false

  /// A body whose grammar has been checked.
  struct Checked: Sendable {
    fileprivate var bytes: [UInt8]
    let outline: BodyOutline

    /// The keys of the body.
    var keys: Set<String> { Set(outline.keys) }

    /// Warnings to the client about a corrected body.
    var warnings: [String] {
      let count = outline.replacedSurrogates
      if count == 0 { return [] }
      return ["unpaired surrogates read as U+FFFD: \(count)"]
    }
  }

  /// A body whose grammar is checked, but whose values are not.
  func check(_ body: [UInt8]) throws(Refusal) -> Checked {
    guard !body.isEmpty else { throw Refusal(400, "the body is empty; expected JSON") }
    let notUTF8 = Refusal(400, "the body is not UTF-8")
    do {
      _ = try UTF8Span(validating: body.span)
    } catch {
      throw notUTF8
    }
    // ASCII in UTF-16 or UTF-32 is valid UTF-8 as well, with zeros among its first bytes.
    if body.prefix(4).contains(0) { throw notUTF8 }
    var bytes = body
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if bytes.starts(with: mark) { bytes.removeFirst(mark.count) }
    let outline = try BodyOutline(replacingIn: &bytes)
    guard outline.isObject else { throw Refusal(422, "the body is not an object") }
    return Checked(bytes: bytes, outline: outline)
  }

  /// A rerank request in the given shape.
  func rerank(_ body: Checked, in shape: any RequestShape) throws(Refusal) -> RerankCall {
    var reading = readingLimits
    reading.documentsName = shape.documentsName
    reading.returnsTexts = shape.returnsTexts
    reading.zeroIsNoLimit = shape.zeroIsNoLimit
    var call = try checked(try read(RerankBody.self, body, reading).call, body)
    if call.isBare, shape.repeatsTexts { call.repeatedBytes = body.bytes.count }
    return call
  }

  /// A request to score pairs.
  func score(_ body: Checked) throws(Refusal) -> RerankCall {
    var reading = readingLimits
    reading.zeroIsNoLimit = true
    return try checked(try read(ScoreBody.self, body, reading).call, body)
  }

  /// A request to tokenize texts.
  func tokenize(_ body: Checked) throws(Refusal) -> TokenizeBody {
    let request = try read(TokenizeBody.self, body, readingLimits)
    for text in request.texts { try check(text, request.name) }
    return request
  }

  private var readingLimits: ReadingLimits {
    ReadingLimits(
      documents: limits.documents, sequenceTokens: sequenceTokens, passages: passages,
      takesInstruction: takesInstruction)
  }

  private func read<Value: Decodable>(
    _ type: Value.Type, _ body: Checked, _ reading: ReadingLimits
  ) throws(Refusal) -> Value {
    var reader = JSONReader()
    if let key = ReadingLimits.key { reader.userInfo[key] = reading }
    do {
      return try reader.decode(type, from: body.bytes)
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Self.refusal(error)
    }
  }

  private func checked(_ call: RerankCall, _ body: Checked) throws(Refusal) -> RerankCall {
    let queries = call.scoring.queries ?? [call.scoring.query]
    for query in queries {
      if query.allSatisfy(\.isWhitespace) {
        throw Refusal(422, "'\(call.queryName)' is empty", kind: .empty)
      }
      try check(query, call.queryName)
    }
    if call.scoring.documents.isEmpty {
      throw Refusal(422, "'\(call.documentsName)' is empty", kind: .empty)
    }
    for (number, text) in call.scoring.documents.enumerated() {
      try check(text, "\(call.documentsName)[\(number)]")
    }
    if let instruction = call.scoring.instruction { try check(instruction, "instruction") }
    var call = call
    call.warnings = body.warnings + call.warnings
    return call
  }

  private func check(_ text: String, _ name: @autoclosure () -> String) throws(Refusal) {
    let count = text.utf8.count
    guard count > limits.textBytes else { return }
    throw Refusal(
      413, "'\(name())' has \(count) bytes of UTF-8; at most \(limits.textBytes) are allowed")
  }

  /// The refusal for an error in the body's JSON.
  private static func refusal(_ error: any Error) -> Refusal {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return Refusal(422, "'\((context.codingPath + [key]).path)' is missing")
    case DecodingError.typeMismatch(let type, let context),
      DecodingError.valueNotFound(let type, let context):
      let name = context.codingPath.path
      return Refusal(
        422, "\(name.isEmpty ? "the body" : "'\(name)'") is not \(words(for: type))")
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      return Refusal(422, "'\(context.codingPath.path)' is wrong: \(context.debugDescription)")
    default:
      return Refusal(400, "the body is not JSON")
    }
  }

  private static func words(for type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Int.Type: "an integer"
    case is Bool.Type: "true or false"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
