/// Tokens that are searched for in a text before it is split into words.
///
/// The longest token at the leftmost position matches, and the search continues after it even if
/// its flags then discard it.
struct AddedTokens: Sendable {
  /// One token with its flags, named as in tokenizer.json.
  struct Token: Sendable {
    /// The text to match.
    var content: [UInt8]
    /// The id of a match.
    var id: Int32
    /// Matches only without a word character before or after it.
    var isSingleWord = false
    /// Includes the whitespace before it.
    var stripsLeft = false
    /// Includes the whitespace after it.
    var stripsRight = false
    /// Matched in normalised text, by its normal form; otherwise in the original text.
    var isNormalized = false
  }

  /// A match with its text, from `start` to `end`, which is not empty. It may start in the text of
  /// the previous match: whitespace that one stripped can begin the next.
  struct Match {
    var start: Int
    var end: Int
    var id: Int32
  }

  /// The tokens.
  let tokens: [Token]
  private let trie: PieceTrie
  /// For every byte, whether a token starts with it.
  let starts: [Bool]

  private static let wordCharacters = ScalarTable(UnicodeTables.wordCharacters)
  private static let whitespace = UnicodeTables.isWhitespace

  /// A set of tokens with different contents that are not empty.
  init(_ tokens: [Token]) {
    var trie = PieceTrie()
    var starts = [Bool](repeating: false, count: 256)
    for (index, token) in tokens.enumerated() {
      _ = trie.insert(token.content, id: Int32(index))
      if let first = token.content.first { starts[Int(first)] = true }
    }
    self.tokens = tokens
    self.trie = trie
    self.starts = starts
  }

  /// Whether `text` contains the content of a token, perhaps not a match by its flags.
  func occur(in text: Span<UInt8>) -> Bool {
    let starts = starts.span
    for index in text.indices where starts[Int(text[index])] {
      if trie.longest(in: text, from: index, node: PieceTrie.root) != nil { return true }
    }
    return false
  }

  /// Whether a token contains a space or `▁` after a visible ASCII character.
  var crossSpaces: Bool {
    tokens.contains { token in
      let content = token.content.span
      return content.indices.dropFirst().contains { index in
        (0x21..<0x7F).contains(content[index - 1])
          && (content[index] == 0x20 || content.has(WordCuts.mark, at: index))
      }
    }
  }

  /// Whether there are no tokens.
  var isEmpty: Bool { tokens.isEmpty }

  /// The next match in `text`, searching from `position`, which advances past it; `taken` is the
  /// end of the previous match, into which stripping to the left does not extend. A token of
  /// whitespace that the previous match has stripped has no text left and does not match. Nil at
  /// the end.
  func next(in text: Span<UInt8>, from position: inout Int, taken: Int) -> Match? {
    let starts = starts.span
    while position < text.count {
      guard starts[Int(text[position])],
        let found = trie.longest(in: text, from: position, node: PieceTrie.root)
      else {
        position += 1
        continue
      }
      var match = Match(start: position, end: found.end, id: tokens[Int(found.id)].id)
      position = found.end
      let token = tokens[Int(found.id)]
      if token.isSingleWord, !standsAlone(match.start..<match.end, in: text) { continue }
      if token.stripsLeft {
        while let before = Self.scalar(before: match.start, of: text),
          Self.whitespace[before.value] == 1
        {
          match.start -= before.length
        }
        match.start = max(match.start, taken)
      }
      while token.stripsRight, match.end < text.count {
        let after = UTF8Text.scalar(at: match.end, of: text)
        if Self.whitespace[after.value] == 0 { break }
        match.end += after.length
      }
      if match.start < match.end { return match }
    }
    return nil
  }

  private func standsAlone(_ range: Range<Int>, in text: Span<UInt8>) -> Bool {
    if let before = Self.scalar(before: range.lowerBound, of: text),
      Self.wordCharacters[before.value] == 1
    {
      return false
    }
    return range.upperBound == text.count
      || Self.wordCharacters[UTF8Text.scalar(at: range.upperBound, of: text).value] == 0
  }

  private static func scalar(
    before end: Int, of text: Span<UInt8>
  ) -> (value: UInt32, length: Int)? {
    guard end > 0 else { return nil }
    var start = end - 1
    while text[start] & 0xC0 == 0x80 { start -= 1 }
    return UTF8Text.scalar(at: start, of: text)
  }
}
