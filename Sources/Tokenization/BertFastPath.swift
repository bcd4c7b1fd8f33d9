/// BERT's stages in one pass: most words of most texts are found in a table without normalisation
/// or splitting. The ids equal those of the separate stages.
struct BertFastPath: Sendable {
  /// The normalizer, BERT's with some steps disabled.
  let normalizer: BertNormalizer
  private let preTokenizer: BertPreTokenizer
  private let model: WordPiece
  private let ascii: ASCIITable

  /// The fast path of these stages, or nil if they are not BERT's.
  init?(normalizer: Normalizer, preTokenizer: PreTokenizer, model: TokenModel) {
    guard case .bert(let preTokenizer) = preTokenizer, case .wordPiece(let model) = model else {
      return nil
    }
    switch normalizer {
    case .bert(let bert): self.normalizer = bert
    case .sequence(let stages) where stages.isEmpty: self.normalizer = BertNormalizer(.none)
    default: return nil
    }
    self.preTokenizer = preTokenizer
    self.model = model
    ascii = ASCIITable(steps: self.normalizer.steps, model: model)
  }

  typealias Words = Tokenizer.Scratch.Words

  /// Appends the ids of text that is not normalised and contains no added tokens. Words of ASCII
  /// letters and digits use the table; a stretch between ASCII spaces and punctuation with any
  /// other character passes through the normalizer, which is valid because nothing combines across
  /// such a boundary.
  func append(
    _ text: Span<UInt8>, normal: inout NormalText, words: inout Words, to ids: inout [Int32]
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
          normal.bytes.removeAll(keepingCapacity: true)
          normalizer.append(
            text.extracting(index..<end), to: &normal.bytes, waiting: &normal.waiting)
          appendNormalized(normal.bytes.span, words: &words, to: &ids)
        }
        index = end
      }
    }
  }

  /// Whether a byte of this class continues a stretch of text.
  @inline(__always)
  private static func isInside(_ byteClass: UInt8) -> Bool {
    byteClass == ASCIITable.Class.word || byteClass == ASCIITable.Class.other
  }

  /// Appends the ids of a word given as a key.
  @inline(__always)
  private func append(_ key: WordCache.Key, words: inout Words, to ids: inout [Int32]) {
    if !words.cache.append(key, to: &ids) { appendUncached(key, words: &words, to: &ids) }
  }

  @inline(never)
  private func appendUncached(_ key: WordCache.Key, words: inout Words, to ids: inout [Int32]) {
    words.letters.removeAll(keepingCapacity: true)
    for position in 0..<key.length {
      let half = position < 8 ? key.low : key.high
      words.letters.append(UInt8(truncatingIfNeeded: half >> UInt64(position % 8 * 8)))
    }
    let first = ids.count
    model.append(words.letters.span, to: &ids)
    words.cache.remember(key, asLast: ids.count - first, of: ids)
  }

  /// Appends the ids of normalised text without added tokens.
  func appendNormalized(_ text: Span<UInt8>, words: inout Words, to ids: inout [Int32]) {
    var start = 0
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      let scalarClass = preTokenizer.splitter.classes[scalar]
      if scalarClass != ScalarSplitter.Class.word {
        if start < index { appendWord(text.extracting(start..<index), words: &words, to: &ids) }
        start = index + length
        if scalarClass == ScalarSplitter.Class.isolated {
          model.append(text.extracting(index..<start), to: &ids)
        }
      }
      index += length
    }
    if start < index { appendWord(text.extracting(start..<index), words: &words, to: &ids) }
  }

  /// Appends the ids of one normalised word.
  private func appendWord(_ word: Span<UInt8>, words: inout Words, to ids: inout [Int32]) {
    if word.count > WordCache.Key.longestWord {
      model.append(word, to: &ids)
    } else {
      append(WordCache.Key(word), words: &words, to: &ids)
    }
  }
}
