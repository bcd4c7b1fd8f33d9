import Diagnostics
import JSON

extension TokenizerJSON {
  /// The added tokens in order, the contents of normalized ones in their normal form; tokens the
  /// model does not know get the ids after it and join `vocabulary`.
  func addedTokens(
    vocabulary: inout Vocabulary, normalizer: BertNormalizer
  ) throws(Failure) -> [AddedTokens.Token] {
    guard let section = document.root["added_tokens"], !section.isNull else { return [] }
    var nextID = Int32(vocabulary.count)
    var tokens: [AddedTokens.Token] = []
    var sources: [Node] = []
    for (index, node) in try items(section, key: "added_tokens").enumerated() {
      let key = "added_tokens[\(index)]"
      var token = try addedToken(node, key: key)
      if token.content.isEmpty { continue }
      if let known = vocabulary.id(of: token.content) {
        token.id = known
      } else {
        token.id = nextID
        nextID += 1
        guard vocabulary.add(token.content, id: token.id) else {
          throw unsupported(
            node, key: key, expected: "at most \(PieceTrie.mostNodes) bytes of different tokens")
        }
      }
      // A token that is listed twice has the flags of its last entry.
      if let earlier = tokens.firstIndex(where: { $0.id == token.id }) {
        tokens[earlier] = token
        sources[earlier] = node
      } else {
        tokens.append(token)
        sources.append(node)
      }
    }
    try normalizeContents(of: &tokens, sources: sources, normalizer: normalizer)
    return tokens
  }

  private func addedToken(_ node: Node, key: String) throws(Failure) -> AddedTokens.Token {
    let content = try member("content", of: node, key: "\(key).content")
    return AddedTokens.Token(
      content: Array(try string(content, key: "\(key).content").utf8), id: 0,
      isSingleWord: try flag("single_word", of: node, key: key),
      stripsLeft: try flag("lstrip", of: node, key: key),
      stripsRight: try flag("rstrip", of: node, key: key),
      isNormalized: try flag("normalized", of: node, key: key))
  }

  private func normalizeContents(
    of tokens: inout [AddedTokens.Token], sources: [Node], normalizer: BertNormalizer
  ) throws(Failure) {
    // Of two tokens with the same normal form Hugging Face's tokenizers matches one or the other by
    // chance, and with one that has no normal form it does not return.
    var seen: Set<[UInt8]> = []
    for index in tokens.indices where tokens[index].isNormalized {
      var normal: [UInt8] = []
      var waiting: [BertNormalizer.Waiting] = []
      let content = tokens[index].content
      normalizer.append(content.span, to: &normal, waiting: &waiting)
      guard !normal.isEmpty, seen.insert(normal).inserted else {
        let text = String(decoding: content, as: UTF8.self)
        throw Failure(
          .badData,
          "the added token '\(text)' is \(normal.isEmpty ? "nothing" : "that of another one") "
            + "in normal form",
          at: document.place(of: sources[index], key: "added_tokens"),
          expected: "tokens whose normal forms differ",
          remedy: "remove the token, or set its 'normalized' to false")
      }
      tokens[index].content = normal
    }
  }
}
