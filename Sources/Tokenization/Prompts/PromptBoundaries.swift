/// The places in the fixed text of a prompt at which the tokenizer divides it, whatever the query
/// and the document are: no token extends across them, and no token before or after depends on the
/// other side.
///
/// So the tokens of a query are computed once, from the query and the text around it up to the
/// nearest such places, and are those of the whole text in every pair.
///
/// Only places between two ASCII characters that occur in prompts are looked at: before a space, as
/// in `Query:| {query}`, before marks, as in `question|:{query}`, and beside added tokens.
struct PromptBoundaries {
  /// A place.
  struct Boundary: Equatable {
    /// The number of bytes before it.
    var position: Int
    /// The start of a text before it that is enough to tokenize what follows as in the whole text.
    var context: Int
  }

  private let tokenizer: Tokenizer
  /// The contents of all added tokens.
  private let added: [[UInt8]]
  private var joined: [UInt16: Bool] = [:]
  /// For each pair of bytes, whether a token has them next to each other; made when it is asked for.
  private lazy var neighbours = tokenizer.model.vocabulary.neighbours

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    added = (tokenizer.rawTokens.tokens + tokenizer.normalizedTokens.tokens).map(\.content)
  }

  /// The first and the last boundary of a text; `followsText` and `precedesText` say whether a query
  /// or a document is before or after it. Nil if there is none.
  ///
  /// Places between them are not looked at: an instruction in a request may be long.
  mutating func ends(
    of text: [UInt8], followsText: Bool, precedesText: Bool
  ) -> (first: Boundary, last: Boundary)? {
    if text.isEmpty { return nil }
    // An added token in a query may extend into the text, or one in the text into a query.
    var (start, end) = (0, text.count)
    for token in added {
      let most = min(token.count - 1, text.count)
      if followsText { start = max(start, Self.overlap(token, text, most)) }
      if precedesText { end = min(end, text.count - Self.overlap(text, token, most)) }
    }
    let (from, through) = (
      followsText ? start : max(start, 1), precedesText ? end : min(end, text.count - 1)
    )
    guard from <= through else { return nil }
    let matches = matches(in: text)
    var (first, last): (Boundary?, Boundary?) = (nil, nil)
    for position in from...through where first == nil {
      first = boundary(position, of: text, matches, from: start)
    }
    for position in (from...through).reversed() where last == nil && first != nil {
      last = boundary(position, of: text, matches, from: start)
    }
    guard let first, let last else { return nil }
    return (first, last)
  }

  /// The boundary at a place; nil if the text is not always divided there.
  ///
  /// - Parameter start: the first place that no added token in the text before extends to.
  private mutating func boundary(
    _ position: Int, of text: [UInt8], _ matches: [Match], from start: Int
  ) -> Boundary? {
    let touching = touching(position, matches)
    guard !touching.isEmpty else {
      let before = position > 0 ? text[position - 1] : nil
      let after = position < text.count ? text[position] : nil
      guard divides(before, after) else { return nil }
      return Boundary(position: position, context: max(0, position - 1))
    }
    guard touching.allSatisfy({ $0.isFree(at: position, from: start) }) else { return nil }
    let context = touching.first { $0.range.upperBound == position }?.range.lowerBound
    return Boundary(position: position, context: context ?? position)
  }

  /// The added tokens that a place is in or beside, of those in a text, by their starts.
  private func touching(_ position: Int, _ matches: [Match]) -> [Match] {
    var (low, high) = (0, matches.count)
    while low < high {
      let middle = (low + high) / 2
      if matches[middle].furthest < position { low = middle + 1 } else { high = middle }
    }
    return matches[low...].prefix { $0.range.lowerBound <= position }
      .filter { position <= $0.range.upperBound }
  }

  /// An added token in the text.
  private struct Match {
    let range: Range<Int>
    let token: AddedTokens.Token
    /// The end of this token or of one that starts before it, whichever is later.
    var furthest = 0

    /// Whether the token starts or ends at a place and leaves the text on the other side as it is.
    /// The token is there only if nothing before `start` changes it.
    func isFree(at position: Int, from start: Int) -> Bool {
      range.lowerBound >= start && !token.isSingleWord && !token.isNormalized
        && (position == range.lowerBound && !token.stripsLeft
          || position == range.upperBound && !token.stripsRight)
    }
  }

  /// The number of bytes, at most `most`, of the longest end of one text with which the other
  /// starts.
  private static func overlap(_ first: [UInt8], _ second: [UInt8], _ most: Int) -> Int {
    var length = max(0, most)
    while length > 0, !first.suffix(length).elementsEqual(second.prefix(length)) { length -= 1 }
    return length
  }

  private func matches(in text: [UInt8]) -> [Match] {
    var result: [Match] = []
    for tokens in [tokenizer.rawTokens, tokenizer.normalizedTokens] where !tokens.isEmpty {
      var (position, taken) = (0, 0)
      while let match = tokens.next(in: text.span, from: &position, taken: taken) {
        if let token = tokens.tokens.first(where: { $0.id == match.id }) {
          result.append(Match(range: match.start..<match.end, token: token))
        }
        taken = match.end
      }
    }
    result.sort { $0.range.lowerBound < $1.range.lowerBound }
    var furthest = 0
    for index in result.indices {
      furthest = max(furthest, result[index].range.upperBound)
      result[index].furthest = furthest
    }
    return result
  }

  /// Whether text is always divided between two characters; nil for an unknown one.
  private mutating func divides(_ before: UInt8?, _ after: UInt8?) -> Bool {
    guard let before, let after else {
      guard let known = before ?? after, known == 0x20 || Self.isVisible(known) else {
        return false
      }
      // The other side is the start or end of a query or document, of which nothing is known.
      return !added.contains { token in
        (before == nil ? token.dropFirst() : token.dropLast()).contains(known)
      } && tokenizer.preTokenizer.isolates(known)
    }
    guard Self.isVisible(before) || before == Self.lineEnd,
      after == 0x20 || Self.isVisible(after)
    else { return false }
    let key = UInt16(before) << 8 | UInt16(after)
    if let known = joined[key] { return known }
    let isDivided =
      !added.contains { token in zip(token, token.dropFirst()).contains { $0 == (before, after) } }
      && !tokenizer.normalizer.mayJoin(before, after) && dividesNormalized(before, after)
    joined[key] = isDivided
    return isDivided
  }

  /// Whether text is divided between the forms that two characters have after normalization.
  private mutating func dividesNormalized(_ before: UInt8, _ after: UInt8) -> Bool {
    let mark = UInt8(ascii: "x")
    var (normal, split) = (NormalText(), SplitText())
    if before == Self.lineEnd {
      // A line end before a boundary is at the end of a text, where it may be removed.
      tokenizer.normalizer.normalize([mark, before].span, in: &normal)
      guard normal.bytes.suffix(2) == [mark, before] else { return false }
    }
    tokenizer.normalizer.normalize([mark, before, after, mark].span, in: &normal)
    guard let scalars = Self.inner(normal.bytes[...]), scalars.0.isASCII,
      Self.isVisible(UInt8(ascii: scalars.0)) || UInt8(ascii: scalars.0) == Self.lineEnd
    else { return false }
    if scalars.1.isASCII {
      let after = UInt8(ascii: scalars.1)
      guard after == 0x20 || Self.isVisible(after) else { return false }
      if tokenizer.preTokenizer.divides(UInt8(ascii: scalars.0), after) { return true }
    }
    // The model sees both characters in one word.
    guard tokenizer.preTokenizer.looksAtSingleScalars, !tokenizer.isWordPiece else { return false }
    tokenizer.preTokenizer.split(normal.bytes.span, start: 0, in: &split)
    guard split.words.count == 1, let word = split.words.first,
      let last = Self.inner(split.bytes[word])
    else { return false }
    return keepsApart(Array(String(last.0).utf8), Array(String(last.1).utf8))
  }

  /// The two characters before the last one; nil if the text around them is not what it was.
  private static func inner(
    _ text: ArraySlice<UInt8>
  ) -> (Unicode.Scalar, Unicode.Scalar)? {
    let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars.suffix(4))
    guard scalars.count == 4, scalars[0] == "x", scalars[3] == "x" else { return nil }
    return (scalars[1], scalars[2])
  }

  private static let lineEnd = UInt8(ascii: "\n")

  private static func isVisible(_ byte: UInt8) -> Bool { (0x21..<0x7F).contains(byte) }

  /// Whether no token of the vocabulary extends across two characters, so that no merge or path
  /// does, and both are tokens. Of several best paths of a Unigram model, which differ in the order
  /// of the same tokens, a part of a word may take another than the whole.
  private mutating func keepsApart(_ before: [UInt8], _ after: [UInt8]) -> Bool {
    let vocabulary = tokenizer.model.vocabulary
    guard vocabulary.id(of: before) != nil, vocabulary.id(of: after) != nil else { return false }
    guard let last = before.last, let first = after.first,
      neighbours[Int(last) << 8 | Int(first)]
    else { return true }
    if before.count == 1, after.count == 1 { return false }
    let both = before + after
    return !vocabulary.all.contains { token, _ in
      token.count >= both.count
        && (0...token.count - both.count).contains { token[$0...].starts(with: both) }
    }
  }
}
