public import Diagnostics

/// A text with placeholders for a query and a document, such as `Query: {query} Document:
/// {document} Relevant:`, which becomes one sequence.
///
/// The parts of the text, the query and the document are tokenized separately. The result equals
/// the ids of the whole text if no word extends from one part into the next: with WordPiece, if
/// `{query}` and `{document}` are surrounded by whitespace or punctuation.
public struct PairPrompt: Sendable, Equatable {
  /// The text, with `{query}` and `{document}` once each.
  public let text: String
  /// The tokens of the text around those of query and document.
  let template: SequenceTemplate

  /// Tokenizes the parts of `text`. The template for one text surrounds the whole, and gives the
  /// token type.
  init(_ text: String, _ tokenizer: Tokenizer) throws(Failure) {
    let places = ["{query}", "{document}"].map { Self.ranges(of: $0, in: text) }
    guard places.allSatisfy({ $0.count == 1 }) else {
      throw Failure(
        .usage, "a prompt needs '{query}' and '{document}' once each",
        expected:
          "a text such as 'Query: {query} Document: {document} Relevant:'")
    }
    let (query, document) = (places[0][0], places[1][0])
    let isQueryFirst = query.lowerBound < document.lowerBound
    let (before, after) = isQueryFirst ? (query, document) : (document, query)
    var parts: [SequenceTemplate.Part] = []
    for part in tokenizer.singleTemplate.parts {
      guard case .first(let typeID) = part else {
        parts.append(part)
        continue
      }
      func tokens(_ part: Substring) -> [SequenceTemplate.Part] {
        tokenizer.tokenize(String(part)).map { .token(id: $0, typeID: typeID) }
      }
      let texts: [SequenceTemplate.Part] = [.first(typeID: typeID), .second(typeID: typeID)]
      parts += tokens(text[..<before.lowerBound])
      parts.append(texts[isQueryFirst ? 0 : 1])
      parts += tokens(text[before.upperBound..<after.lowerBound])
      parts.append(texts[isQueryFirst ? 1 : 0])
      parts += tokens(text[after.upperBound...])
    }
    self.text = text
    template = SequenceTemplate(parts)
  }

  private static func ranges(of name: String, in text: String) -> [Range<String.Index>] {
    text.indices.compactMap { start in
      guard text[start...].hasPrefix(name) else { return nil }
      return start..<text.index(start, offsetBy: name.count)
    }
  }
}

extension Tokenizer {
  /// The same tokenizer with pairs in a prompt, a text with `{query}` and `{document}` once each.
  ///
  /// - Throws: `usage` if one of them is missing or appears more than once.
  public func withPrompt(_ text: String) throws(Failure) -> Tokenizer {
    var tokenizer = self
    tokenizer.pairFormat = .prompt(try PairPrompt(text, self))
    return tokenizer
  }
}
