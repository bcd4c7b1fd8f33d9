import Diagnostics

extension TokenizerJSON {
  /// The added tokens of `file` in order, the contents of normalised ones in their normal form;
  /// tokens that the model lacks get the ids after its own and are added to `vocabulary`.
  func addedTokens(
    of file: TokenizerSection, vocabulary: inout Vocabulary, normalizer: Normalizer
  ) throws(Failure) -> [AddedTokens.Token] {
    guard let section = file["added_tokens"] else { return [] }
    var nextID = Int32(vocabulary.count)
    var tokens: [AddedTokens.Token] = []
    var sources: [TokenizerSection] = []
    for (index, item) in try section.items().enumerated() {
      let source = item.named("\(section.key)[\(index)]")
      var token = try addedToken(source)
      if token.content.isEmpty { continue }
      if let known = vocabulary.id(of: token.content) {
        token.id = known
      } else {
        token.id = nextID
        nextID += 1
        guard vocabulary.add(token.content, id: token.id) else {
          throw source.unsupported(expected: Vocabulary.limit)
        }
      }
      // A duplicate token has the flags of its last entry.
      if let earlier = tokens.firstIndex(where: { $0.id == token.id }) {
        tokens[earlier] = token
        sources[earlier] = source
      } else {
        tokens.append(token)
        sources.append(source)
      }
    }
    try normalizeContents(of: &tokens, sources: sources, normalizer: normalizer)
    return tokens
  }

  private func addedToken(_ section: TokenizerSection) throws(Failure) -> AddedTokens.Token {
    AddedTokens.Token(
      content: Array(try section.member("content").string().utf8), id: 0,
      isSingleWord: try section.flag("single_word"), stripsLeft: try section.flag("lstrip"),
      stripsRight: try section.flag("rstrip"), isNormalized: try section.flag("normalized"))
  }

  private func normalizeContents(
    of tokens: inout [AddedTokens.Token], sources: [TokenizerSection], normalizer: Normalizer
  ) throws(Failure) {
    // Of two tokens with the same normal form Hugging Face's tokenizers match an arbitrary one, and
    // with one that has no normal form they do not terminate.
    var seen: Set<[UInt8]> = []
    for index in tokens.indices where tokens[index].isNormalized {
      var text = NormalText()
      let content = tokens[index].content
      normalizer.normalize(content.span, in: &text)
      guard !text.bytes.isEmpty, seen.insert(text.bytes).inserted else {
        let name = String(decoding: content, as: UTF8.self)
        throw Failure(
          .badData,
          "the added token '\(name)' is \(text.bytes.isEmpty ? "empty" : "equal to another token") "
            + "in normal form",
          at: sources[index].named("added_tokens").place,
          expected: "tokens whose normal forms differ",
          remedy: "remove the token, or set its 'normalized' to false")
      }
      tokens[index].content = text.bytes
    }
  }
}
