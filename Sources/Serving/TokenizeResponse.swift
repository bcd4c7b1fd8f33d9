import Tokenization

/// The responses of `/tokenize`.
///
/// They are written token by token: an encoder would use about half a kilobyte for each, and a text
/// has up to a million.
struct TokenizeResponse {
  /// The maximum size of a token in a response, beyond that of its text, in bytes.
  static let bytesOfToken = 96

  private let tokenizer: Tokenizer
  private(set) var bytes: [UInt8] = []
  /// The texts of tokens as JSON, by their ids.
  private var texts: [Int32: [UInt8]] = [:]

  /// The response to a request whose texts have these tokens.
  init(
    _ request: TokenizeBody, _ tokens: [TextTokens], _ tokenizer: Tokenizer, maximumLength: Int
  ) {
    self.tokenizer = tokenizer
    let ids = tokens.first?.ids ?? []
    switch request.origin {
    case .vllm:
      write("{\"count\":\(ids.count),\"max_model_len\":\(maximumLength)")
      if request.returnsTexts {
        write(",\"token_strs\":")
        write(ids) { $0.write(textOf: $1) }
      }
      write(",\"tokens\":")
      write(ids) { $0.write("\($1)") }
      write("}")
    case .inference:
      write(tokens) { response, tokens in
        response.write(tokens.ids.indices) { $0.write(tokens, $1) }
      }
    case .llama:
      write("{\"tokens\":")
      write(ids) { response, id in
        guard request.returnsTexts else { return response.write("\(id)") }
        response.write("{\"id\":\(id),\"piece\":")
        response.write(textOf: id)
        response.write("}")
      }
      write("}")
    }
  }

  private mutating func write(_ text: String) { bytes += text.utf8 }

  private mutating func write<Members: Sequence>(
    _ members: Members, _ member: (inout Self, Members.Element) -> Void
  ) {
    write("[")
    var isFirst = true
    for element in members {
      if !isFirst { write(",") }
      isFirst = false
      member(&self, element)
    }
    write("]")
  }

  private mutating func write(textOf id: Int32) {
    let text = texts[id] ?? json(tokenizer.token(of: id) ?? "")
    texts[id] = text
    bytes += text
  }

  /// Writes a token in the form of text-embeddings-inference. Its position in the text is not known
  /// here.
  private mutating func write(_ tokens: TextTokens, _ place: Int) {
    write("{\"id\":\(tokens.ids[place]),\"text\":")
    write(textOf: tokens.ids[place])
    write(",\"special\":\(!tokens.text.contains(place)),\"start\":null,\"stop\":null}")
  }
}
