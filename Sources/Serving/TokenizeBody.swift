import Tokenization

/// The body of `/tokenize`: vLLM's has `prompt`, that of text-embeddings-inference `inputs`, llama.cpp's
/// `content`.
struct TokenizeBody: Decodable, Sendable {
  /// Whose body it is, by the key of the text.
  enum Origin: String, Sendable, CaseIterable {
    case vllm = "prompt"
    case inference = "inputs"
    case llama = "content"
  }

  let origin: Origin
  let texts: [String]
  let addsSpecialTokens: Bool
  /// Whether the texts of tokens are asked for as well.
  let returnsTexts: Bool

  /// The key of the text.
  var name: String { origin.rawValue }

  init(from decoder: any Decoder) throws {
    let body = try RequestBody(decoder)
    try body.refuse("messages", because: "there are no chats, only texts")
    let found = Origin.allCases.filter { body.has($0.rawValue) }
    guard found.count == 1, let origin = found.first else {
      throw Refusal(422, "expected one of 'prompt', 'inputs' and 'content'")
    }
    self.origin = origin
    let name = RequestBody.Key(origin.rawValue)
    texts =
      origin == .inference
      ? try body.strings(origin.rawValue) : [try body.object.decode(String.self, forKey: name)]
    // llama.cpp adds none unless it is asked to.
    addsSpecialTokens =
      try body.flag("add_special_tokens", "add_special") ?? (origin != .llama)
    returnsTexts = try body.flag("return_token_strs", "with_pieces") ?? false
  }
}

/// The tokens of a text.
struct TextTokens: Sendable {
  let ids: [Int32]
  /// Which of them were put around the text.
  let text: Range<Int>

  init(_ text: String, _ tokenizer: Tokenizer, addsSpecialTokens: Bool) {
    let inner = tokenizer.tokenize(text)
    guard addsSpecialTokens else {
      (ids, self.text) = (inner, inner.indices)
      return
    }
    // Which tokens go before the text shows where a mark that is no id ends up.
    let mark: Int32 = -1
    let room = tokenizer.specialTokensInSingle + 1
    let start = tokenizer.encodeSingle([mark], maxLength: room).ids.firstIndex(of: mark) ?? 0
    ids = tokenizer.encodeSingle(inner, maxLength: inner.count + room).ids
    self.text = start..<start + inner.count
  }
}

/// The responses of `/tokenize`.
enum TokenizeResponse {
  /// The most bytes of a token in a response, beyond those of its text.
  static let bytesOfToken = 96

  static func body(
    _ request: TokenizeBody, _ tokens: [TextTokens], _ tokenizer: Tokenizer, maximumLength: Int
  ) -> [UInt8] {
    func text(_ id: Int32) -> String { tokenizer.token(of: id) ?? "" }
    switch request.origin {
    case .vllm:
      let ids = tokens.first?.ids ?? []
      return json(
        Counted(
          count: ids.count, maxModelLen: maximumLength, tokens: ids,
          tokenStrs: request.returnsTexts ? ids.map(text) : nil))
    case .inference:
      return json(
        tokens.map { tokens in
          tokens.ids.indices.map { place in
            Simple(
              id: tokens.ids[place], text: text(tokens.ids[place]),
              special: !tokens.text.contains(place))
          }
        })
    case .llama:
      let ids = tokens.first?.ids ?? []
      if request.returnsTexts {
        return json(["tokens": ids.map { Piece(id: $0, piece: text($0)) }])
      }
      return json(["tokens": ids])
    }
  }

  /// vLLM's.
  private struct Counted: Encodable {
    let count: Int
    let maxModelLen: Int
    let tokens: [Int32]
    let tokenStrs: [String]?
  }

  /// That of text-embeddings-inference. Where a token begins and ends is not known here.
  private struct Simple: Encodable {
    let id: Int32
    let text: String
    let special: Bool

    private enum CodingKeys: String, CodingKey { case id, text, special, start, stop }

    func encode(to encoder: any Encoder) throws {
      var object = encoder.container(keyedBy: CodingKeys.self)
      try object.encode(id, forKey: .id)
      try object.encode(text, forKey: .text)
      try object.encode(special, forKey: .special)
      try object.encodeNil(forKey: .start)
      try object.encodeNil(forKey: .stop)
    }
  }

  /// llama.cpp's.
  private struct Piece: Encodable {
    let id: Int32
    let piece: String
  }
}
