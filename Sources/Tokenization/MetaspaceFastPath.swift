/// The stages of SentencePiece's tokenizers, chunk by chunk: text is cut at spaces across which no
/// stage looks, and the tokens of most chunks are remembered from before. The ids are those of the
/// stages on the whole text.
///
/// Such a space stands between two ASCII characters on each side, of which the nearer are visible and
/// no map of characters changes them: nothing combines with them or with the space, and what they become is
/// not empty and no space. A chunk begins with its space, so that its first word gets the same mark.
struct MetaspaceFastPath: Sendable {
  typealias Scratch = Tokenizer.Scratch

  private let normalizer: Normalizer
  /// The normalizer for chunks inside of the text, whose first space stays.
  private let innerNormalizer: Normalizer
  private let preTokenizer: PreTokenizer
  private let model: Unigram
  /// Visible ASCII characters that may stand beside a cut.
  private let plain: [Bool]
  /// What added tokens in normal form begin with.
  private let tokenStarts: [Bool]?

  /// The fast path of these stages, or nil where they may look across any space.
  init?(
    normalizer: Normalizer, preTokenizer: PreTokenizer, model: TokenModel,
    normalizedTokens: AddedTokens
  ) {
    guard case .unigram(let model) = model, preTokenizer.marksSpaces,
      let unchanged = normalizer.unchangedBesideSpaces
    else { return nil }
    self.normalizer = normalizer
    innerNormalizer = normalizer.keepingStart
    self.preTokenizer = preTokenizer
    self.model = model
    plain = unchanged
    tokenStarts = normalizedTokens.isEmpty ? nil : normalizedTokens.starts
  }

  /// Appends the ids of text that is not normalized and holds no added tokens but those in normal form.
  /// Returns false, with `ids` as they were, where the normal form may hold one of these.
  func append(
    _ text: Span<UInt8>, isStart: Bool, using scratch: inout Scratch, to ids: inout [Int32]
  ) -> Bool {
    let plain = plain.span
    let before = ids.count
    var start = 0
    while start < text.count {
      var end = start + 1
      while end < text.count, plain[Int(text[end])] { end += 1 }
      let isPlain = start > 0 && (end == text.count || isCut(end, of: text, from: start))
      while end < text.count, !isCut(end, of: text, from: start) { end += 1 }
      let chunk = text.extracting(start..<end)
      if !isPlain || chunk.count > PieceCache.Key.longestWord {
        let isKnown = appendChunk(
          chunk, isFirst: start == 0, isStart: isStart && start == 0, remembersWords: true,
          using: &scratch, to: &ids)
        if !isKnown {
          ids.removeLast(ids.count - before)
          return false
        }
      } else {
        let key = PieceCache.Key(chunk, isRaw: true)
        if !scratch.words.pieces.append(key, to: &ids) {
          let first = ids.count
          guard
            appendChunk(
              chunk, isFirst: false, isStart: false, remembersWords: false, using: &scratch,
              to: &ids)
          else {
            ids.removeLast(ids.count - before)
            return false
          }
          scratch.words.pieces.remember(key, asLast: ids.count - first, of: ids)
        }
      }
      start = end
    }
    return true
  }

  /// Whether text may be cut before `index`; the chunk starts at `start`.
  @inline(__always)
  private func isCut(_ index: Int, of text: Span<UInt8>, from start: Int) -> Bool {
    text[index] == 0x20 && index > start && plain[Int(text[index - 1])]
      && (index < 2 || text[index - 2] < 0x80) && index + 1 < text.count
      && plain[Int(text[index + 1])] && (index + 2 == text.count || text[index + 2] < 0x80)
  }

  /// Appends the ids of one chunk, or returns false where an added token may be in its normal form.
  /// Its words need not be remembered where the chunk itself is.
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
    if let tokenStarts {
      for byte in normal where tokenStarts[Int(byte)] { return false }
    }
    preTokenizer.split(normal.span, start: scratch.normal.start, in: &scratch.split)
    appendWords(
      of: scratch.split, remembersWords: remembersWords, words: &scratch.words, to: &ids)
    return true
  }

  private func appendWords(
    of split: SplitText, remembersWords: Bool, words: inout Scratch.Words, to ids: inout [Int32]
  ) {
    for range in split.words {
      let word = split.bytes.span.extracting(range)
      if remembersWords {
        model.append(word, words: &words, to: &ids)
      } else {
        model.append(word, places: &words.places, to: &ids)
      }
    }
  }
}

extension Unigram {
  /// Appends the ids of one word, which is not empty, from those remembered where it is one of them.
  func append(_ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]) {
    guard word.count <= PieceCache.Key.longestWord else {
      append(word, places: &words.places, to: &ids)
      return
    }
    let key = PieceCache.Key(word, isRaw: false)
    if words.pieces.append(key, to: &ids) { return }
    let first = ids.count
    append(word, places: &words.places, to: &ids)
    words.pieces.remember(key, asLast: ids.count - first, of: ids)
  }
}

extension PreTokenizer {
  /// Whether words begin with marks for spaces, and no word reaches across a space between two visible
  /// characters of ASCII.
  fileprivate var marksSpaces: Bool {
    switch self {
    case .metaspace(let stage): return stage.splits
    case .sequence(let stages):
      guard let last = stages.last, case .metaspace(let stage) = last, stage.splits else {
        return false
      }
      return stages.dropLast().allSatisfy { stage in
        guard case .scalars(let splitter) = stage else { return false }
        let space = splitter.classes[0x20]
        return space == ScalarSplitter.Class.word || space == ScalarSplitter.Class.removed
      }
    default: return false
    }
  }
}

extension Normalizer {
  /// For each byte whether it is a visible character of ASCII beside which text may be cut at a space:
  /// whatever the stages do, it leaves something that is no space and looks at nothing across that space.
  /// Nil where a stage may look across any space.
  fileprivate var unchangedBesideSpaces: [Bool]? {
    var plain = (0..<256).map { (0x21..<0x7F).contains($0) }
    switch self {
    case .lowercase, .unicode, .stripAccents, .strip, .nmt: break
    case .precompiled(let stage):
      guard stage.unchanged[0x20] else { return nil }
      for byte in plain.indices where !stage.unchanged[byte] { plain[byte] = false }
    case .replace(let stage):
      guard stage.looksAtNoCut else { return nil }
    case .sequence(let stages):
      for stage in stages {
        guard let other = stage.unchangedBesideSpaces else { return nil }
        for byte in plain.indices where !other[byte] { plain[byte] = false }
      }
    case .bert, .prepend: return nil
    }
    return plain
  }

  /// The same stages, but none strips the beginning of the text.
  fileprivate var keepingStart: Normalizer {
    switch self {
    case .strip(let stage):
      .strip(StripNormalizer(stripsLeft: false, stripsRight: stage.stripsRight))
    case .sequence(let stages): .sequence(stages.map(\.keepingStart))
    default: self
    }
  }
}

extension ReplaceNormalizer {
  /// Whether a single space between visible characters of ASCII stays, and they leave something visible.
  fileprivate var looksAtNoCut: Bool {
    switch pattern {
    case .runs(let pattern):
      return pattern.alternatives.allSatisfy { run in
        let isOfSpaces = run.places.allSatisfy { place in
          (UInt32(0x21)..<0x7F).allSatisfy { place[$0] == 0 }
        }
        let matchesOne =
          run.places.contains { $0[0x20] == 1 }
          && (run.places.count > 1 || run.count.lowerBound == 1)
        return isOfSpaces && (!matchesOne || content == [0x20])
      }
    case .bytes(let pattern):
      return !pattern.contains(0x20) && content.first.map { (0x21..<0x7F).contains($0) } == true
        && content.last.map { (0x21..<0x7F).contains($0) } == true && !content.contains(0x20)
    }
  }
}
