/// The BPE model: divides a word into scalars or bytes, and merges adjacent ones in the order of a
/// list.
///
/// Semantics are those of Hugging Face's tokenizers.
struct BPE: Sendable {
  /// All pieces.
  let pieces: Vocabulary
  let merges: MergeTable
  let options: Options
  /// For every byte, the id of the piece `<0x…>`; nil without byte fallback.
  private let fallback: [Int32?]?
  /// The node of `continuationPrefix` in the trie.
  private let continuation: UInt32?
  /// The ids of ASCII scalars, -1 if one is not a piece; empty if they depend on the position in
  /// the word.
  private let ascii: [Int32]
  /// The same with the id of `▁` for a space.
  private let marked: [Int32]
  /// The same model over bytes, if the letters of all bytes are pieces.
  let bytes: ByteBPE?

  /// Where words are divided, so that their parts come from the cache; nil if they are not.
  private(set) var cuts: WordCuts?

  /// The settings of a model.
  struct Options: Sendable {
    /// The id of the token for scalars that are not pieces; nil if they are left out.
    var unknown: Int32?
    /// Adjacent unknown scalars are one token.
    var fusesUnknown = false
    /// Scalars that are not pieces are converted to bytes, if all their bytes are pieces.
    var fallsBackToBytes = false
    /// A word that is a piece is not divided.
    var ignoresMerges = false
    /// The prefix of pieces that continue a word.
    var continuationPrefix: [UInt8] = []
    /// The suffix of pieces that end a word.
    var endOfWordSuffix: [UInt8] = []

    /// The tokens for scalars that are not pieces.
    func others(in pieces: Vocabulary) -> Set<Int32> {
      let bytes = fallsBackToBytes ? (UInt8(0)...255).compactMap { pieces.id(ofByte: $0) } : []
      return Set(bytes + (unknown.map { [$0] } ?? []))
    }
  }

  /// A model over `pieces`.
  init(pieces: Vocabulary, merges: MergeList, options: Options) {
    self.pieces = pieces
    self.merges = merges.table
    self.options = options
    continuation = pieces.trie.node(of: options.continuationPrefix)
    fallback = options.fallsBackToBytes ? (UInt8(0)...255).map { pieces.id(ofByte: $0) } : nil
    let isPlain = options.continuationPrefix.isEmpty && options.endOfWordSuffix.isEmpty
    ascii = isPlain ? (UInt8(0)..<0x80).map { pieces.id(of: [$0]) ?? -1 } : []
    marked = ascii.enumerated().map { $0 == 0x20 ? pieces.id(of: WordCuts.mark) ?? -1 : $1 }
    bytes =
      options.continuationPrefix.isEmpty
      ? ByteBPE(pieces: pieces, merges: merges.table, options: options) : nil
    // A scalar that is left out would let its neighbours be merged across a cut.
    let leavesNothingOut = options.unknown != nil || fallback?.allSatisfy { $0 != nil } == true
    cuts =
      isPlain && !options.ignoresMerges && leavesNothingOut
      ? WordCuts(pieces: pieces, merges: merges, others: options.others(in: pieces)) : nil
  }

  /// The same model without cuts: every word is merged as a whole.
  var uncut: BPE {
    var model = self
    model.cuts = nil
    return model
  }

  /// Appends the ids of one word of well-formed, normalised UTF-8, which is not empty: those of its
  /// parts from the cache if it contains them.
  func append(_ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]) {
    if let search = cuts?.search {
      appendBySearch(word, search, words: &words, to: &ids)
      return
    }
    guard let cuts, var end = WordCuts.next(in: word, after: 0) else {
      appendPart(word, words: &words, to: &ids)
      return
    }
    let first = ids.count
    var start = 0
    var place = first
    while true {
      appendPart(word.extracting(start..<end), words: &words, to: &ids)
      guard cuts.join(at: place, from: first, by: merges, words: &words, ids: &ids) else {
        ids.removeLast(ids.count - first)
        split(word, merging: &words.merging, to: &ids)
        return
      }
      if end == word.count { return }
      place = ids.count
      start = end
      end = WordCuts.next(in: word, after: start) ?? word.count
    }
  }

  private func appendBySearch(
    _ word: Span<UInt8>, _ search: TokenSearch, words: inout Tokenizer.Scratch.Words,
    to ids: inout [Int32]
  ) {
    words.failed.removeAll(keepingCapacity: true)
    words.failed.append(contentsOf: repeatElement(false, count: word.count + 1))
    var start = 0
    while start < word.count {
      start = search.append(word, from: start, by: merges, failed: &words.failed, to: &ids)
      // Scalars that are not pieces are merged with nothing.
      var end = start
      while end < word.count {
        let next = end + UTF8Text.scalar(at: end, of: word).length
        if end > start, pieces.trie.id(of: word.extracting(end..<next)) != nil { break }
        end = next
      }
      if start < end { divide(word.extracting(start..<end), into: &ids) }
      start = end
    }
  }

  private func appendPart(
    _ part: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]
  ) {
    words.cache.append(part, to: &ids) { part, ids in
      split(part, merging: &words.merging, to: &ids)
    }
  }

  /// Appends the ids of a whole word of ASCII characters in which a space is a mark, or returns
  /// false if one of them is not a piece. The model has cuts.
  func appendMarked(
    _ word: Span<UInt8>, merging: inout PairMerging, to ids: inout [Int32]
  ) -> Bool {
    merging.ids.removeAll(keepingCapacity: true)
    let marked = marked.span
    for index in word.indices {
      let id = word[index] < 0x80 ? marked[Int(word[index])] : -1
      if id < 0 { return false }
      merging.ids.append(id)
    }
    merging.merge(by: merges)
    ids.append(contentsOf: merging.ids)
    return true
  }

  private func split(_ word: Span<UInt8>, merging: inout PairMerging, to ids: inout [Int32]) {
    if options.ignoresMerges, let id = pieces.trie.id(of: word) {
      ids.append(id)
      return
    }
    merging.ids.removeAll(keepingCapacity: true)
    divide(word, into: &merging.ids)
    merging.merge(by: merges)
    ids.append(contentsOf: merging.ids)
  }

  /// Appends the tokens of the scalars of a word.
  private func divide(_ word: Span<UInt8>, into ids: inout [Int32]) {
    var index = 0
    var waitsForUnknown = false
    let ascii = ascii.span
    while index < word.count {
      if word[index] < 0x80, !ascii.isEmpty, !waitsForUnknown, ascii[Int(word[index])] >= 0 {
        ids.append(ascii[Int(word[index])])
        index += 1
        continue
      }
      let length = UTF8Text.scalar(at: index, of: word).length
      let scalar = index..<index + length
      index += length
      if let id = piece(of: scalar, in: word) {
        if waitsForUnknown, let unknown = options.unknown { ids.append(unknown) }
        waitsForUnknown = false
        ids.append(id)
      } else if appendBytes(of: scalar, in: word, to: &ids) {
        // A pending unknown token is appended after the bytes, as in the reference.
        continue
      } else if let unknown = options.unknown {
        if waitsForUnknown, !options.fusesUnknown { ids.append(unknown) }
        waitsForUnknown = true
      }
    }
    if waitsForUnknown, let unknown = options.unknown { ids.append(unknown) }
  }

  /// The piece of a scalar at its position in a word, or nil.
  private func piece(of scalar: Range<Int>, in word: Span<UInt8>) -> Int32? {
    let trie = pieces.trie
    guard let start = scalar.lowerBound == 0 ? PieceTrie.root : continuation,
      var node = trie.node(of: scalar, in: word, from: start)
    else { return nil }
    if scalar.upperBound == word.count, !options.endOfWordSuffix.isEmpty {
      let suffix = options.endOfWordSuffix.span
      guard let end = trie.node(of: suffix.indices, in: suffix, from: node) else { return nil }
      node = end
    }
    return trie.ids[Int(node)] >= 0 ? trie.ids[Int(node)] : nil
  }

  /// Appends the tokens of the bytes of a scalar with the prefix or suffix of its piece; false,
  /// with nothing appended, if one of the bytes is not a piece.
  private func appendBytes(
    of scalar: Range<Int>, in word: Span<UInt8>, to ids: inout [Int32]
  ) -> Bool {
    guard let fallback else { return false }
    let first = ids.count
    var isWhole = true
    func append(_ byte: UInt8, to ids: inout [Int32]) {
      if let id = fallback[Int(byte)] { ids.append(id) } else { isWhole = false }
    }
    if scalar.lowerBound > 0 {
      for byte in options.continuationPrefix { append(byte, to: &ids) }
    }
    for index in scalar { append(word[index], to: &ids) }
    if scalar.upperBound == word.count {
      for byte in options.endOfWordSuffix { append(byte, to: &ids) }
    }
    if !isWhole { ids.removeLast(ids.count - first) }
    return isWhole
  }
}
