/// A BPE model of pieces of byte letters (`ByteLetters`), applied to the bytes themselves: the ids
/// equal those of the letters. The last byte of a word has the letter with the suffix that ends words.
struct ByteBPE: Sendable {
  /// The id of every byte's letter.
  private let letters: [Int32]
  /// The id of every byte's letter at the end of a word.
  private let lastLetters: [Int32]
  private let merges: MergeTable
  /// The pieces as bytes; empty if a word that is a piece is divided as well.
  private let whole: PieceTrie

  /// The model over the bytes, or nil if a byte's letter is not a piece, alone or with the suffix.
  init?(pieces: Vocabulary, merges: MergeTable, options: BPE.Options) {
    var letters: [Int32] = []
    var lastLetters: [Int32] = []
    for scalar in ByteLetters.scalars {
      var letter: [UInt8] = []
      UTF8Text.append(scalar, to: &letter)
      guard let id = pieces.id(of: letter),
        let last = pieces.id(of: letter + options.endOfWordSuffix)
      else { return nil }
      letters.append(id)
      lastLetters.append(last)
    }
    self.letters = letters
    self.lastLetters = lastLetters
    self.merges = merges
    var whole = PieceTrie()
    if options.ignoresMerges {
      for (piece, id) in pieces.all {
        // A piece does not have more bytes than letters, so there is room.
        if let bytes = ByteLetters.bytes(of: piece.span) { _ = whole.insert(bytes, id: id) }
      }
    }
    self.whole = whole
  }

  /// Appends the ids of one word, which is not empty.
  func append(
    _ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]
  ) {
    words.cache.append(word, to: &ids) { word, ids in
      split(word, merging: &words.merging, to: &ids)
    }
  }

  @inline(never)
  private func split(_ word: Span<UInt8>, merging: inout PairMerging, to ids: inout [Int32]) {
    if let id = whole.id(of: word) {
      ids.append(id)
      return
    }
    let letters = letters.span
    merging.ids.removeAll(keepingCapacity: true)
    let last = word.count - 1
    for index in 0..<last { merging.ids.append(letters[Int(word[index])]) }
    merging.ids.append(lastLetters[Int(word[last])])
    merging.merge(by: merges)
    ids.append(contentsOf: merging.ids)
  }
}
