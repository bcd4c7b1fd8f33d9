/// The stages chunk by chunk: text is divided at spaces across which no stage looks, and the tokens
/// of most chunks come from a cache. The ids equal those of the stages on the whole text.
///
/// Such a space has two ASCII characters on each side. The nearer ones are visible and unchanged by
/// a character map: they do not combine with anything, and their normal form is not empty and not a
/// space. A chunk starts with its space, so its first word gets the same space or mark.
struct ChunkFastPath: Sendable {
  typealias Scratch = Tokenizer.Scratch

  /// What divides text before a space between two visible characters, and what becomes of the
  /// parts.
  private enum Words: Sendable {
    /// The pre-tokenizer; words are tokenized by a model.
    case split(TokenModel)
    /// The pre-tokenizer; words are bytes.
    case bytes(ByteBPE)
    /// Only the model, for a word that is the whole text with a mark for every space. `isBare`
    /// says whether no other character of inner chunks is changed.
    case whole(BPE, WordCuts, isBare: Bool)
  }

  private let normalizer: Normalizer
  /// The normalizer of chunks after the first, which retains their leading space.
  private let innerNormalizer: Normalizer
  private let preTokenizer: PreTokenizer
  private let words: Words
  /// For every byte, whether it is an ASCII character that may be next to a chunk boundary.
  private let plain: [Bool]
  private let normalizedTokens: AddedTokens

  /// The fast path of these stages, or nil if they may look across every space.
  init?(
    normalizer: Normalizer, preTokenizer: PreTokenizer, model: TokenModel,
    normalizedTokens: AddedTokens
  ) {
    guard !normalizedTokens.crossSpaces else { return nil }
    var spaces = normalizer
    if case .bpe(let bpe) = model, let cuts = bpe.cuts, cuts.search == nil,
      let front = normalizer.stages(beforeMarksOf: preTokenizer)
    {
      words = .whole(bpe, cuts, isBare: front.keepingStart.isEmpty && normalizedTokens.isEmpty)
      spaces = front
      self.preTokenizer = preTokenizer
    } else if case .bpe(let bpe) = model, let bytes = bpe.bytes,
      let bare = preTokenizer.withoutByteLetters, bare.cutsAtSpaces
    {
      words = .bytes(bytes)
      self.preTokenizer = bare
    } else if preTokenizer.cutsAtSpaces {
      words = .split(model)
      self.preTokenizer = preTokenizer
    } else {
      return nil
    }
    guard let unchanged = spaces.unchangedBesideSpaces else { return nil }
    self.normalizer = normalizer
    innerNormalizer = normalizer.keepingStart
    plain = unchanged
    self.normalizedTokens = normalizedTokens
  }

  /// Appends the ids of unnormalised text without raw added tokens. Returns false, with `ids`
  /// unchanged, if its normal form may contain a normalised one, or if too many tokens depend on a
  /// cut.
  func append(
    _ text: Span<UInt8>, isStart: Bool, using scratch: inout Scratch, to ids: inout [Int32]
  ) -> Bool {
    let before = ids.count
    var start = 0
    var joints: (cuts: WordCuts, merges: MergeTable)?
    if case .whole(let model, let cuts, _) = words, cuts.joinParts { joints = (cuts, model.merges) }
    while start < text.count {
      let end = end(ofChunkFrom: start, in: text)
      let place = ids.count
      var isKnown = true
      if start > 0, end - start <= PieceCache.Key.longestWord {
        let key = PieceCache.Key(text, start..<end, isRaw: true)
        if !scratch.words.pieces.append(key, to: &ids) {
          isKnown = appendInnerChunk(text.extracting(start..<end), using: &scratch, to: &ids)
          if isKnown { scratch.words.pieces.remember(key, asLast: ids.count - place, of: ids) }
        }
      } else {
        isKnown = appendChunk(
          text.extracting(start..<end), isFirst: start == 0, isStart: isStart && start == 0,
          remembersWords: true, using: &scratch, to: &ids)
      }
      if isKnown, let joints {
        isKnown = joints.cuts.join(
          at: place, from: before, by: joints.merges, words: &scratch.words, ids: &ids)
      }
      guard isKnown else {
        ids.removeLast(ids.count - before)
        return false
      }
      start = end
    }
    return true
  }

  /// The end of the chunk that starts at `start`.
  @inline(__always)
  private func end(ofChunkFrom start: Int, in text: Span<UInt8>) -> Int {
    let plain = plain.span
    var index = start + 1
    while index < text.count {
      if index + 8 <= text.count {
        // The highest bit of every byte that is zero without a space's bits, of the first for sure.
        let others = text.number(index..<index + 8) ^ 0x2020_2020_2020_2020
        let spaces = (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080
        index += spaces == 0 ? 8 : spaces.trailingZeroBitCount / 8
        if spaces == 0 { continue }
      } else if text[index] != 0x20 {
        index += 1
        continue
      }
      if index + 1 < text.count, plain[Int(text[index - 1])], plain[Int(text[index + 1])],
        index < 2 || text[index - 2] < 0x80, index + 2 == text.count || text[index + 2] < 0x80
      {
        return index
      }
      index += 1
    }
    return index
  }

  /// Appends the ids of a chunk after the first that is short enough for the cache, as
  /// `appendChunk` does.
  @inline(never)
  private func appendInnerChunk(
    _ chunk: Span<UInt8>, using scratch: inout Scratch, to ids: inout [Int32]
  ) -> Bool {
    if case .whole(let model, _, isBare: true) = words,
      model.appendMarked(chunk, merging: &scratch.words.merging, to: &ids)
    {
      return true
    }
    return appendChunk(
      chunk, isFirst: false, isStart: false, remembersWords: false, using: &scratch, to: &ids)
  }

  /// Appends the ids of one chunk, or returns false if its normal form may contain an added token.
  /// Words of a cached chunk are not cached in the same cache.
  @inline(never)
  private func appendChunk(
    _ chunk: Span<UInt8>, isFirst: Bool, isStart: Bool, remembersWords: Bool,
    using scratch: inout Scratch, to ids: inout [Int32]
  ) -> Bool {
    (isFirst ? normalizer : innerNormalizer).normalize(
      chunk, followsStart: isStart && preTokenizer.looksAtStart, in: &scratch.normal)
    if scratch.normal.bytes.isEmpty { return true }
    var normal: [UInt8] = []
    swap(&normal, &scratch.normal.bytes)
    defer { swap(&normal, &scratch.normal.bytes) }
    if !normalizedTokens.isEmpty, normalizedTokens.occur(in: normal.span) { return false }
    preTokenizer.split(normal.span, start: scratch.normal.start, in: &scratch.split)
    appendWords(
      of: scratch.split, remembersWords: remembersWords, using: &scratch.words, to: &ids)
    return true
  }

  private func appendWords(
    of split: SplitText, remembersWords: Bool, using memory: inout Scratch.Words,
    to ids: inout [Int32]
  ) {
    for range in split.words {
      let word = split.bytes.span.extracting(range)
      switch words {
      case .whole(let model, _, _): model.append(word, words: &memory, to: &ids)
      case .bytes(let model): model.append(word, words: &memory, to: &ids)
      case .split(.unigram(let model)) where !remembersWords:
        model.append(word, places: &memory.places, to: &ids)
      case .split(let model): model.append(word, words: &memory, to: &ids)
      }
    }
  }
}
