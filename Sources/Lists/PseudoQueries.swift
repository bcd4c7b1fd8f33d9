package import Options
package import Randomness

/// A part of a document used as a query, and the document without it.
package struct PseudoQuery: Sendable, Equatable {
  package var query: String
  package var remainder: String

  /// Shorter queries would match any document, longer ones are not realistic.
  package static let words = 4...40
  /// The document without the query must retain some content.
  package static let remainingWords = 8

  /// A query from a document; nil if it offers none. One of several sources and sentences is drawn
  /// at random.
  package static func draw(
    title: String, text: String, from sources: [PseudoQuerySource], using random: inout SplitMix64
  ) -> PseudoQuery? {
    let body = removingTitle(title, from: text)
    for source in sources.shuffled(with: &random) {
      let found: PseudoQuery? =
        switch source {
        case .titles: title.isEmpty ? nil : PseudoQuery(query: title, remainder: body)
        case .sentences: sentence(title: title, body: body, using: &random)
        case .train: nil
        }
      if let found, words.contains(wordCount(found.query)) || source == .titles,
        wordCount(found.remainder) >= remainingWords
      {
        return found
      }
    }
    return nil
  }

  private static func sentence(
    title: String, body: String, using random: inout SplitMix64
  ) -> PseudoQuery? {
    let all = sentences(of: body)
    let usable = all.indices.filter { words.contains(wordCount(all[$0])) }
    guard !usable.isEmpty else { return nil }
    let chosen = usable[random.below(usable.count)]
    var rest = all
    rest.remove(at: chosen)
    let remainder = ([title] + rest).filter { !$0.isEmpty }.joined(separator: " ")
    return PseudoQuery(query: all[chosen], remainder: remainder)
  }

  /// Removes a title repeated at the start of the text, which would reveal the query.
  private static func removingTitle(_ title: String, from text: String) -> String {
    let start = text.prefix(title.count)
    let rest = text.dropFirst(title.count)
    guard !title.isEmpty, start.lowercased() == title.lowercased(),
      rest.first.map({ !$0.isLetter && !$0.isNumber }) ?? true
    else { return text }
    return trimmed(rest)
  }

  /// A text split after each `.`, `!` and `?` that is followed by white space.
  package static func sentences(of text: String) -> [String] {
    var result: [String] = []
    var current = ""
    var ended = false
    for character in text {
      if ended, character.isWhitespace {
        result.append(trimmed(current[...]))
        current = ""
      }
      current.append(character)
      ended = character == "." || character == "!" || character == "?"
    }
    result.append(trimmed(current[...]))
    return result.filter { !$0.isEmpty }
  }

  private static func wordCount(_ text: String) -> Int {
    text.split(whereSeparator: \.isWhitespace).count
  }

  private static func trimmed(_ text: Substring) -> String {
    var part = text.drop { $0.isWhitespace || $0 == "." }
    while let last = part.last, last.isWhitespace { part.removeLast() }
    return String(part)
  }
}
