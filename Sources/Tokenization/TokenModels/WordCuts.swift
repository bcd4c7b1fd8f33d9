/// Cuts in words before a `▁` that follows another scalar, so that the parts are more often in the
/// cache, and the correction of their tokens where merges join parts.
///
/// Tokens are those of the whole word if and only if every two adjacent ones are the tokens of
/// their own texts: until the first merge across a boundary, what happens at both sides of it does
/// not depend on the rest of the word, because ranks are a strict order. So only the two tokens at
/// a cut are compared, and if they are not their own tokens, a few around them are merged again.
struct WordCuts: Sendable {
  /// For every token, whether a merge joins its last scalar with a `▁`; empty if none joins any.
  private let opens: [Bool]
  /// The tokens that token i is merged from are those of `starts[i]..<starts[i + 1]`.
  private let parts: [Int32]
  private let starts: [Int32]
  private let tree: MergeTree?
  /// Instead of cuts, if merges join most words with the mark after them.
  let search: TokenSearch?

  /// The number of scalars that are joined with a `▁` after them from which on that is so: more
  /// than the punctuation marks in use.
  private static let manyEnds = 16

  /// The maximum number of tokens that are merged again at one cut, so that a word whose merges
  /// reach far takes no quadratic time.
  private static let mostParts = 256

  /// `▁`, the mark of a space.
  static let mark: [UInt8] = [0xE2, 0x96, 0x81]

  /// The cuts of words for a list of merges, or nil if a word must not be cut: `▁` has to be a
  /// piece, and `others`, the tokens for scalars that are not pieces, must not be merged.
  init?(pieces: Vocabulary, merges: MergeList, others: Set<Int32>) {
    guard pieces.id(of: Self.mark) != nil, !merges.summary.joinsOthers else { return nil }
    guard !merges.summary.openEnds.isEmpty else {
      (opens, parts, starts, tree, search) = ([], [], [], nil, nil)
      return
    }
    guard pieces.highestID < PieceTrie.mostNodes else { return nil }
    let openEnds = Set(merges.summary.openEnds.compactMap { pieces.id(of: $0) })
    var opens = [Bool](repeating: false, count: Int(pieces.highestID) + 1)
    var parts: [Int32] = []
    var starts: [Int32] = [0]
    for id in 0..<Int32(opens.count) {
      let first = parts.count
      if !others.contains(id), let token = pieces.token(of: id) {
        Self.divide(token.span, pieces, into: &parts)
      }
      // A token that no merge produces is its own part.
      if parts.count == first { parts.append(id) }
      if let last = parts.last { opens[Int(id)] = openEnds.contains(last) }
      starts.append(Int32(parts.count))
    }
    (self.opens, self.parts, self.starts) = (opens, parts, starts)
    let tree = MergeTree(count: opens.count, merges: merges.table) { id in
      parts[Int(starts[Int(id)])..<Int(starts[Int(id) + 1])]
    }
    self.tree = tree
    search =
      openEnds.count < Self.manyEnds
      ? nil
      : tree.flatMap { tree in
        TokenSearch(pieces: pieces, tree: tree) { id in
          !others.contains(id)
            && (starts[Int(id) + 1] - starts[Int(id)] > 1 || pieces.isScalar(id))
        }
      }
  }

  /// Appends the tokens of the scalars of a token, or nothing if one of them is not a piece.
  private static func divide(_ token: Span<UInt8>, _ pieces: Vocabulary, into parts: inout [Int32])
  {
    let first = parts.count
    var index = 0
    while index < token.count {
      let end = index + UTF8Text.scalar(at: index, of: token).length
      guard let id = pieces.trie.id(of: token.extracting(index..<end)) else {
        parts.removeLast(parts.count - first)
        return
      }
      parts.append(id)
      index = end
    }
  }

  /// Whether a merge joins parts, so that `join` has to be called for every cut.
  var joinParts: Bool { !opens.isEmpty }

  /// The position of the first `▁` after another scalar of `word`, from `start`, or nil.
  static func next(in word: Span<UInt8>, after start: Int) -> Int? {
    var index = start
    var isBehindAnother = true
    while index < word.count {
      if word[index] == 0xE2, index + 2 < word.count, word[index + 1] == 0x96,
        word[index + 2] == 0x81
      {
        if !isBehindAnother { return index }
        index += 3
      } else {
        isBehindAnother = false
        index += 1
      }
    }
    return nil
  }

  /// Makes `ids[first...]`, the tokens of two parts of a word with a cut before `ids[place]`, those
  /// of both together. Returns false if too many tokens depend on the cut; they may then be wrong.
  @inline(__always)
  func join(
    at place: Int, from first: Int, by merges: MergeTable,
    words: inout Tokenizer.Scratch.Words, ids: inout [Int32]
  ) -> Bool {
    if opens.isEmpty || place <= first || place >= ids.count { return true }
    if !opens[Int(ids[place - 1])] { return true }
    return joinOpen(at: place, from: first, by: merges, words: &words, ids: &ids)
  }

  @inline(never)
  private func joinOpen(
    at place: Int, from first: Int, by merges: MergeTable,
    words: inout Tokenizer.Scratch.Words, ids: inout [Int32]
  ) -> Bool {
    if areApart(ids[place - 1], ids[place], by: merges, words: &words) { return true }
    var window = place - 1..<place + 1
    var step = 1
    while true {
      guard merge(ids, window, by: merges, words: &words), let left = words.joined.first,
        let right = words.joined.last
      else { return false }
      let endsLeft =
        window.lowerBound == first
        || areApart(ids[window.lowerBound - 1], left, by: merges, words: &words)
      let endsRight =
        window.upperBound == ids.count
        || areApart(right, ids[window.upperBound], by: merges, words: &words)
      if endsLeft, endsRight { break }
      let start = endsLeft ? window.lowerBound : max(first, window.lowerBound - step)
      let end = endsRight ? window.upperBound : min(ids.count, window.upperBound + step)
      window = start..<end
      step *= 2
    }
    ids.replaceSubrange(window, with: words.joined)
    return true
  }

  /// Whether two tokens are the tokens of their texts.
  @inline(__always)
  private func areApart(
    _ left: Int32, _ right: Int32, by merges: MergeTable, words: inout Tokenizer.Scratch.Words
  ) -> Bool {
    if let tree { return tree.areApart(left, right, by: merges) }
    if let entry = words.joints.entry(left, right) {
      return entry.count == 2 && entry.ids[0] == left && entry.ids[1] == right
    }
    words.merging.ids.removeAll(keepingCapacity: true)
    appendParts(of: left, to: &words.merging.ids)
    appendParts(of: right, to: &words.merging.ids)
    words.merging.merge(by: merges)
    words.joints.remember(left, right, words.merging.ids)
    return words.merging.ids == [left, right]
  }

  /// Merges the texts of `window` of `ids` into `joined`; false if they have too many parts.
  private func merge(
    _ ids: [Int32], _ window: Range<Int>, by merges: MergeTable,
    words: inout Tokenizer.Scratch.Words
  ) -> Bool {
    words.joined.removeAll(keepingCapacity: true)
    if window.count == 2,
      let entry = words.joints.entry(ids[window.lowerBound], ids[window.lowerBound + 1])
    {
      for index in 0..<Int(entry.count) { words.joined.append(entry.ids[index]) }
      return true
    }
    words.merging.ids.removeAll(keepingCapacity: true)
    for place in window { appendParts(of: ids[place], to: &words.merging.ids) }
    if words.merging.ids.count > Self.mostParts { return false }
    words.merging.merge(by: merges)
    words.joined.append(contentsOf: words.merging.ids)
    if window.count == 2 {
      words.joints.remember(
        ids[window.lowerBound], ids[window.lowerBound + 1], words.merging.ids)
    }
    return true
  }

  @inline(__always)
  private func appendParts(of id: Int32, to ids: inout [Int32]) {
    for place in Int(starts[Int(id)])..<Int(starts[Int(id) + 1]) { ids.append(parts[place]) }
  }
}

extension Vocabulary {
  /// Whether a token is a single scalar.
  fileprivate func isScalar(_ id: Int32) -> Bool {
    guard let token = token(of: id), !token.isEmpty else { return false }
    return UTF8Text.scalar(at: 0, of: token.span).length == token.count
  }
}
