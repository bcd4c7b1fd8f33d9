extension Tokenizer {
  /// The ids of a text without special tokens around it. For many texts use the variant that takes
  /// a `Scratch`.
  public func tokenize(_ text: String) -> [Int32] {
    var scratch = Scratch()
    var ids: [Int32] = []
    tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
    return ids
  }

  /// Appends the ids of one text, without special tokens around it, and returns how many bytes
  /// were not UTF-8: each ill-formed part counts as U+FFFD, as Python decodes with
  /// `errors="replace"`.
  ///
  /// A literal special token in the text, such as `[SEP]`, becomes its id, as with Hugging Face.
  /// Allocates only where `ids` or `scratch` have to grow.
  @discardableResult
  public func tokenize(
    _ utf8: Span<UInt8>, using scratch: inout Scratch, into ids: inout [Int32]
  ) -> Int {
    scratch.adopt(identity)
    if UTF8Text.firstInvalid(in: utf8) == nil {
      appendText(utf8, normal: &scratch.normal, words: &scratch.words, to: &ids)
      return 0
    }
    var repaired: [UInt8] = []
    swap(&repaired, &scratch.repaired)
    let replaced = UTF8Text.repair(utf8, into: &repaired)
    appendText(repaired.span, normal: &scratch.normal, words: &scratch.words, to: &ids)
    swap(&repaired, &scratch.repaired)
    return replaced
  }

  /// Appends the ids of well-formed text.
  private func appendText(
    _ text: Span<UInt8>, normal: inout Scratch.Normal, words: inout Scratch.Words,
    to ids: inout [Int32]
  ) {
    var position = 0
    var taken = 0
    while !rawTokens.isEmpty,
      let match = rawTokens.next(in: text, from: &position, taken: taken)
    {
      appendBetween(
        taken..<max(taken, match.start), of: text, normal: &normal, words: &words, to: &ids)
      ids.append(match.id)
      taken = match.end
    }
    appendBetween(taken..<text.count, of: text, normal: &normal, words: &words, to: &ids)
  }

  /// Appends the ids of what stands between two added tokens.
  private func appendBetween(
    _ range: Range<Int>, of text: Span<UInt8>, normal: inout Scratch.Normal,
    words: inout Scratch.Words, to ids: inout [Int32]
  ) {
    if range.isEmpty { return }
    let part = text.extracting(range)
    if normalizedTokens.isEmpty {
      appendWords(of: part, normal: &normal, words: &words, to: &ids)
      return
    }
    normal.text.removeAll(keepingCapacity: true)
    normalizer.append(part, to: &normal.text, waiting: &normal.waiting)
    let normalText = normal.text.span
    var position = 0
    var taken = 0
    while let match = normalizedTokens.next(in: normalText, from: &position, taken: taken) {
      if taken < match.start {
        appendNormalized(
          normalText.extracting(taken..<match.start), words: &words, to: &ids)
      }
      ids.append(match.id)
      taken = match.end
    }
    if taken < normalText.count {
      appendNormalized(normalText.extracting(taken...), words: &words, to: &ids)
    }
  }

  /// Appends the ids of text that holds no added tokens. Words of ASCII letters and digits take the
  /// short way; a stretch between ASCII spaces and punctuation that holds anything else goes
  /// through the normalizer, which is possible because nothing combines across such a boundary.
  private func appendWords(
    of text: Span<UInt8>, normal: inout Scratch.Normal, words: inout Scratch.Words,
    to ids: inout [Int32]
  ) {
    let classes = ascii.classes.span
    let punctuationIDs = ascii.punctuationIDs.span
    var index = 0
    while index < text.count {
      let byte = text[index]
      switch classes[Int(byte)] {
      case ASCIITable.Class.whitespace:
        index += 1
      case ASCIITable.Class.punctuation:
        ids.append(punctuationIDs[Int(byte)])
        index += 1
      default:
        var end = index
        while end < text.count, classes[Int(text[end])] == ASCIITable.Class.word { end += 1 }
        if end - index <= WordCache.Key.longestWord,
          end == text.count || classes[Int(text[end])] != ASCIITable.Class.other
        {
          let key = ascii.key(of: index..<end, in: text)
          append(key, words: &words, to: &ids)
        } else {
          while end < text.count, Self.isInside(classes[Int(text[end])]) { end += 1 }
          normal.text.removeAll(keepingCapacity: true)
          normalizer.append(
            text.extracting(index..<end), to: &normal.text, waiting: &normal.waiting)
          appendNormalized(normal.text.span, words: &words, to: &ids)
        }
        index = end
      }
    }
  }

  /// Whether a byte of this class does not end a stretch of text.
  @inline(__always)
  private static func isInside(_ byteClass: UInt8) -> Bool {
    byteClass == ASCIITable.Class.word || byteClass == ASCIITable.Class.other
  }

  /// Appends the ids of a word given as a key.
  @inline(__always)
  private func append(_ key: WordCache.Key, words: inout Scratch.Words, to ids: inout [Int32]) {
    if !words.cache.append(key, to: &ids) { appendUncached(key, words: &words, to: &ids) }
  }

  @inline(never)
  private func appendUncached(
    _ key: WordCache.Key, words: inout Scratch.Words, to ids: inout [Int32]
  ) {
    words.letters.removeAll(keepingCapacity: true)
    for position in 0..<key.length {
      let half = position < 8 ? key.low : key.high
      words.letters.append(UInt8(truncatingIfNeeded: half >> UInt64(position % 8 * 8)))
    }
    let first = ids.count
    model.append(words.letters.span, to: &ids)
    words.cache.remember(key, asLast: ids.count - first, of: ids)
  }

  /// Appends the ids of normalized text.
  private func appendNormalized(
    _ text: Span<UInt8>, words: inout Scratch.Words, to ids: inout [Int32]
  ) {
    var start = 0
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      let scalarClass = preTokenizer.classes[scalar]
      if scalarClass != BertPreTokenizer.Class.word {
        if start < index { appendWord(text.extracting(start..<index), words: &words, to: &ids) }
        start = index + length
        if scalarClass == BertPreTokenizer.Class.punctuation {
          model.append(text.extracting(index..<start), to: &ids)
        }
      }
      index += length
    }
    if start < index { appendWord(text.extracting(start..<index), words: &words, to: &ids) }
  }

  /// Appends the ids of one normalized word.
  private func appendWord(
    _ word: Span<UInt8>, words: inout Scratch.Words, to ids: inout [Int32]
  ) {
    if word.count > WordCache.Key.longestWord {
      model.append(word, to: &ids)
    } else {
      append(WordCache.Key(word), words: &words, to: &ids)
    }
  }
}
