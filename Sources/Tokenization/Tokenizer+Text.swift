extension Tokenizer {
  /// The ids of a text, without special tokens. For many texts use the variant with a `Scratch`.
  public func tokenize(_ text: String) -> [Int32] {
    var scratch = Scratch()
    var ids: [Int32] = []
    tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
    return ids
  }

  /// Appends the ids of one text, without special tokens, and returns the number of bytes that were
  /// not UTF-8: each ill-formed part counts as U+FFFD, as Python decodes with `errors="replace"`.
  ///
  /// A literal special token in the text, such as `[SEP]`, becomes its id, as in Hugging Face's
  /// tokenizers. Allocates only if `ids` or `scratch` have to grow.
  @discardableResult
  public func tokenize(
    _ utf8: Span<UInt8>, using scratch: inout Scratch, into ids: inout [Int32]
  ) -> Int {
    scratch.adopt(identity)
    if UTF8Text.firstInvalid(in: utf8) == nil {
      appendText(utf8, using: &scratch, to: &ids)
      return 0
    }
    var repaired: [UInt8] = []
    swap(&repaired, &scratch.repaired)
    let replaced = UTF8Text.repair(utf8, into: &repaired)
    appendText(repaired.span, using: &scratch, to: &ids)
    swap(&repaired, &scratch.repaired)
    return replaced
  }

  /// The ids of a query or a document in the pair format. For many texts use the variant with a
  /// `Scratch`.
  public func tokenize(_ text: String, as role: TextRole) -> [Int32] {
    var scratch = Scratch()
    var ids: [Int32] = []
    tokenize(Array(text.utf8).span, as: role, using: &scratch, into: &ids)
    return ids
  }

  /// Appends the ids of a query or a document in the pair format, and returns the number of bytes
  /// that were not UTF-8. In a prompt they include the ids of the text around it up to the nearest
  /// fixed tokens, since words may extend into it.
  @discardableResult
  public func tokenize(
    _ utf8: Span<UInt8>, as role: TextRole, using scratch: inout Scratch, into ids: inout [Int32]
  ) -> Int {
    guard case .prompt(let prompt) = pairFormat else {
      return tokenize(utf8, using: &scratch, into: &ids)
    }
    let context = role == .query ? prompt.query : prompt.document
    var text: [UInt8] = []
    swap(&text, &scratch.prompted)
    text.removeAll(keepingCapacity: true)
    text += context.before
    utf8.append(to: &text)
    text += context.after
    let start = ids.count
    let replaced = tokenize(text.span, using: &scratch, into: &ids)
    ids.removeSubrange(start..<start + context.leading)
    swap(&text, &scratch.prompted)
    return replaced
  }

  /// Calls `body` with each word that the model receives for a well-formed text, without a search
  /// for added tokens.
  package func forEachWord(
    of text: Span<UInt8>, using scratch: inout Scratch, _ body: (Span<UInt8>) -> Void
  ) {
    normalizer.normalize(text, followsStart: preTokenizer.looksAtStart, in: &scratch.normal)
    if scratch.normal.bytes.isEmpty { return }
    var normal: [UInt8] = []
    swap(&normal, &scratch.normal.bytes)
    preTokenizer.split(normal.span, start: scratch.normal.start, in: &scratch.split)
    swap(&normal, &scratch.normal.bytes)
    for word in scratch.split.words { body(scratch.split.bytes.span.extracting(word)) }
  }

  /// Appends the ids of well-formed text.
  private func appendText(
    _ text: Span<UInt8>, using scratch: inout Scratch, to ids: inout [Int32]
  ) {
    var position = 0
    var taken = 0
    while !rawTokens.isEmpty,
      let match = rawTokens.next(in: text, from: &position, taken: taken)
    {
      appendBetween(taken..<max(taken, match.start), of: text, using: &scratch, to: &ids)
      ids.append(match.id)
      taken = match.end
    }
    appendBetween(taken..<text.count, of: text, using: &scratch, to: &ids)
  }

  /// Appends the ids of text between two added tokens.
  private func appendBetween(
    _ range: Range<Int>, of text: Span<UInt8>, using scratch: inout Scratch,
    to ids: inout [Int32]
  ) {
    if range.isEmpty { return }
    let part = text.extracting(range)
    if normalizedTokens.isEmpty, let fastPath {
      fastPath.append(part, normal: &scratch.normal, words: &scratch.words, to: &ids)
      return
    }
    let isStart = range.lowerBound == 0
    if let chunkPath, chunkPath.append(part, isStart: isStart, using: &scratch, to: &ids) {
      return
    }
    let followsStart = isStart && preTokenizer.looksAtStart
    if normalizer.keeps(part) {
      appendNormalized(
        part, start: followsStart ? UTF8Text.scalar(at: 0, of: part).length : 0,
        split: &scratch.split, words: &scratch.words, to: &ids)
      return
    }
    normalizer.normalize(part, followsStart: followsStart, in: &scratch.normal)
    var normal: [UInt8] = []
    swap(&normal, &scratch.normal.bytes)
    appendNormalized(
      normal.span, start: scratch.normal.start, split: &scratch.split,
      words: &scratch.words, to: &ids)
    swap(&normal, &scratch.normal.bytes)
  }

  /// Appends the ids of normalised text; its first `start` bytes come from the first scalar of the
  /// original text.
  private func appendNormalized(
    _ text: Span<UInt8>, start: Int, split: inout SplitText, words: inout Scratch.Words,
    to ids: inout [Int32]
  ) {
    var position = 0
    var taken = 0
    while !normalizedTokens.isEmpty,
      let match = normalizedTokens.next(in: text, from: &position, taken: taken)
    {
      if taken < match.start {
        appendWords(
          of: text.extracting(taken..<match.start), start: start - taken, split: &split,
          words: &words, to: &ids)
      }
      ids.append(match.id)
      taken = match.end
    }
    if taken < text.count {
      appendWords(
        of: text.extracting(taken...), start: start - taken, split: &split, words: &words,
        to: &ids)
    }
  }

  /// Appends the ids of normalised text that is not empty and contains no added tokens.
  private func appendWords(
    of text: Span<UInt8>, start: Int, split: inout SplitText, words: inout Scratch.Words,
    to ids: inout [Int32]
  ) {
    if let fastPath {
      fastPath.appendNormalized(text, words: &words, to: &ids)
      return
    }
    if let byteLevelPath {
      byteLevelPath.append(text, start: start, split: &split, words: &words, to: &ids)
      return
    }
    preTokenizer.split(text, start: start, in: &split)
    for word in split.words {
      model.append(split.bytes.span.extracting(word), words: &words, to: &ids)
    }
  }
}
