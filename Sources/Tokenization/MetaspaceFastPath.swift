/// The stages of SentencePiece's tokenizers, chunk by chunk: text is divided at spaces across which
/// no stage looks, and the tokens of most chunks come from a cache. The ids equal those of the
/// stages on the whole text.
///
/// Such a space has two ASCII characters on each side. The nearer ones are visible and unchanged by
/// the character map: they do not combine with anything, and their normal form is not empty and not
/// a space. A chunk starts with its space, so its first word gets the same mark.
struct MetaspaceFastPath: Sendable {
  typealias Scratch = Tokenizer.Scratch

  private let normalizer: Normalizer
  /// The normalizer of chunks after the first, which retains their leading space.
  private let innerNormalizer: Normalizer
  private let preTokenizer: PreTokenizer
  private let model: Unigram
  /// For every byte, whether it is an ASCII character that may be next to a chunk boundary.
  private let plain: [Bool]
  /// For every byte, whether a normalised added token starts with it; nil without such tokens.
  private let tokenStarts: [Bool]?

  /// The fast path of these stages, or nil if they may look across every space.
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

  /// Appends the ids of unnormalised text without raw added tokens. Returns false, with `ids`
  /// unchanged, if its normal form may contain a normalised one.
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

  /// Whether a chunk that starts at `start` may end before `index`.
  @inline(__always)
  private func isCut(_ index: Int, of text: Span<UInt8>, from start: Int) -> Bool {
    text[index] == 0x20 && index > start && plain[Int(text[index - 1])]
      && (index < 2 || text[index - 2] < 0x80) && index + 1 < text.count
      && plain[Int(text[index + 1])] && (index + 2 == text.count || text[index + 2] < 0x80)
  }

  /// Appends the ids of one chunk, or returns false if its normal form may contain an added token.
  /// Words of a cached chunk are not cached themselves.
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

extension PreTokenizer {
  /// Whether words start with marks for spaces, and none includes a space between two visible ASCII
  /// characters.
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
  /// For every byte, whether it is a visible ASCII character that may be next to a chunk boundary:
  /// its normal form is not empty, is not a space and does not depend on text beyond the space. Nil
  /// if a stage may look across every space.
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

  /// The same stages, but none strips the start of the text.
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
  /// Whether a single space between visible ASCII characters is retained, and their replacements
  /// are visible.
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
