import Tokenization

/// The body of `/tokenize`: vLLM's has `prompt`, that of text-embeddings-inference `inputs`, that
/// of llama.cpp `content`.
struct TokenizeBody: Decodable, Sendable {
  /// The API of the body, by the key of the text.
  enum Origin: String, Sendable, CaseIterable {
    case vllm = "prompt"
    case inference = "inputs"
    case llama = "content"
  }

  let origin: Origin
  let texts: [String]
  let addsSpecialTokens: Bool
  /// Whether the texts of tokens are returned as well.
  let returnsTexts: Bool

  /// The key of the text.
  var name: String { origin.rawValue }

  init(from decoder: any Decoder) throws {
    let body = try RequestBody(decoder)
    try body.refuse("messages", because: "chats are not supported, only texts")
    try body.refuse("prompt_name", because: "the model has no prompts")
    if try body.flag("parse_special") == false {
      throw body.mistake("parse_special", "special tokens in a text are always read as such")
    }
    let found = Origin.allCases.filter { body.has($0.rawValue) }
    guard found.count == 1, let origin = found.first else {
      throw Refusal(422, "expected one of 'prompt', 'inputs' and 'content'")
    }
    self.origin = origin
    let name = RequestBody.Key(origin.rawValue)
    texts =
      origin == .inference
      ? try body.strings(origin.rawValue) : [try body.object.decode(String.self, forKey: name)]
    // llama.cpp adds none by default.
    addsSpecialTokens =
      try body.flag("add_special_tokens", "add_special") ?? (origin != .llama)
    returnsTexts = try body.flag("return_token_strs", "with_pieces") ?? false
  }
}

/// The tokens of a text.
struct TextTokens: Sendable {
  let ids: [Int32]
  /// The range of the text's own tokens; the others are special tokens around it.
  let text: Range<Int>

  init(_ text: String, _ tokenizer: Tokenizer, addsSpecialTokens: Bool) {
    let inner = tokenizer.tokenize(text)
    guard addsSpecialTokens else {
      (ids, self.text) = (inner, inner.indices)
      return
    }
    // The position of a placeholder, which is not an id, shows the number of special tokens before
    // the text.
    let mark: Int32 = -1
    let room = tokenizer.specialTokensInSingle + 1
    let start = tokenizer.encodeSingle([mark], maxLength: room).ids.firstIndex(of: mark) ?? 0
    ids = tokenizer.encodeSingle(inner, maxLength: inner.count + room).ids
    self.text = start..<start + inner.count
  }
}
