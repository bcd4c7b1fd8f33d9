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

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    added = (tokenizer.rawTokens.tokens + tokenizer.normalizedTokens.tokens).map(\.content)
  }

  /// The boundaries of a text in ascending order; `followsText` and `precedesText` say whether
  /// a query or a document is before or after it.
  mutating func boundaries(
    of text: [UInt8], followsText: Bool, precedesText: Bool
  ) -> [Boundary] {
    if text.isEmpty { return [] }
    // An added token in a query may extend into the text, or one in the text into a query.
    var (start, end) = (0, text.count)
    for token in added {
      let most = min(token.count - 1, text.count)
      if followsText { start = max(start, Self.overlap(token, text, most)) }
      if precedesText { end = min(end, text.count - Self.overlap(text, token, most)) }
    }
    guard start <= end else { return [] }
    let matches = matches(in: text)
    var result: [Boundary] = []
    for position in start...end {
      if (position == 0 && !followsText) || (position == text.count && !precedesText) { continue }
      let touching = matches.filter {
        $0.range.lowerBound <= position && position <= $0.range.upperBound
      }
      if touching.isEmpty {
        let before = position > 0 ? text[position - 1] : nil
        let after = position < text.count ? text[position] : nil
        guard divides(before, after) else { continue }
        result.append(Boundary(position: position, context: max(0, position - 1)))
      } else if touching.allSatisfy({ $0.isFree(at: position, from: start) }) {
        let context = touching.first { $0.range.upperBound == position }?.range.lowerBound
        result.append(Boundary(position: position, context: context ?? position))
      }
    }
    return result
  }

  /// An added token in the text.
  private struct Match {
    let range: Range<Int>
    let token: AddedTokens.Token

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
  private func dividesNormalized(_ before: UInt8, _ after: UInt8) -> Bool {
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
  private func keepsApart(_ before: [UInt8], _ after: [UInt8]) -> Bool {
    let vocabulary = tokenizer.model.vocabulary
    guard vocabulary.id(of: before) != nil, vocabulary.id(of: after) != nil else { return false }
    let both = before + after
    return !vocabulary.all.contains { token, _ in
      token.count >= both.count
        && (0...token.count - both.count).contains { token[$0...].starts(with: both) }
    }
  }
}

extension Normalizer {
  /// Whether a stage may replace two characters of ASCII together.
  fileprivate func mayJoin(_ before: UInt8, _ after: UInt8) -> Bool {
    switch self {
    case .replace(let stage):
      switch stage.pattern {
      case .bytes(let bytes): zip(bytes, bytes.dropFirst()).contains { $0 == (before, after) }
      case .runs(let runs):
        runs.alternatives.contains { run in
          run.places.contains { $0[UInt32(before)] == 1 }
            && run.places.contains { $0[UInt32(after)] == 1 }
        }
      }
    case .sequence(let stages): stages.contains { $0.mayJoin(before, after) }
    case .bert, .lowercase, .unicode, .stripAccents, .strip, .prepend, .precompiled, .nmt: false
    }
  }
}

extension PreTokenizer {
  /// Whether text is always divided between two adjacent characters of ASCII, and words on either
  /// side do not depend on the other.
  fileprivate func divides(_ before: UInt8, _ after: UInt8) -> Bool {
    switch self {
    case .bert(let stage): stage.splitter.divides(before, after)
    case .scalars(let splitter): splitter.divides(before, after)
    case .split(.pattern): Self.patternDivides(before, after)
    case .split(.text(let text, let behavior, let isInverted)):
      text == [0x20] && after == 0x20 && !isInverted
        && (behavior == .isolated || behavior == .removed || behavior == .mergedWithNext)
    case .byteLevel(let stage): stage.pattern != nil && Self.patternDivides(before, after)
    case .metaspace(let stage): stage.splits && after == 0x20
    case .sequence(let stages): Self.divides(stages, before, after)
    }
  }

  private static func divides(
    _ stages: [PreTokenizer], _ before: UInt8, _ after: UInt8
  ) -> Bool {
    for stage in stages {
      if stage.divides(before, after) { return true }
      // Later stages see other characters, or words whose start is not known.
      guard stage.looksAtSingleScalars, !stage.rewrites else { return false }
    }
    return false
  }

  /// Whether the expressions of `WordPattern` always end a word there: before a space that follows
  /// a visible character, and after letters or digits that no contraction continues.
  private static func patternDivides(_ before: UInt8, _ after: UInt8) -> Bool {
    if after == 0x20 { return before > 0x20 }
    return isLetterOrDigit(before) && !isLetterOrDigit(after) && after != UInt8(ascii: "'")
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  /// Whether a character is never part of a word with other characters.
  fileprivate func isolates(_ byte: UInt8) -> Bool {
    switch self {
    case .bert(let stage): stage.splitter.isolates(byte)
    case .scalars(let splitter): splitter.isolates(byte)
    case .split(.text(let text, let behavior, let isInverted)):
      text == [byte] && !isInverted && (behavior == .isolated || behavior == .removed)
    case .sequence(let stages): stages.first?.isolates(byte) ?? false
    case .split, .byteLevel, .metaspace: false
    }
  }

  /// Whether what happens to a character depends on no others but the adjacent ones.
  fileprivate var looksAtSingleScalars: Bool {
    switch self {
    case .bert, .scalars, .metaspace: true
    case .split(.text(let text, let behavior, _)): text.count == 1 && behavior != .contiguous
    case .split(.pattern), .byteLevel: false
    case .sequence(let stages): stages.allSatisfy { $0.looksAtSingleScalars }
    }
  }

  /// Whether words have other characters afterwards.
  private var rewrites: Bool {
    switch self {
    case .metaspace, .byteLevel: true
    case .bert, .scalars, .split: false
    case .sequence(let stages): stages.contains { $0.rewrites }
    }
  }
}

extension ScalarSplitter {
  fileprivate func divides(_ before: UInt8, _ after: UInt8) -> Bool {
    classes[UInt32(before)] != classes[UInt32(after)] || isolates(before) || isolates(after)
  }

  fileprivate func isolates(_ byte: UInt8) -> Bool {
    let found = classes[UInt32(byte)]
    return found == Class.removed || found == Class.isolated
  }
}
