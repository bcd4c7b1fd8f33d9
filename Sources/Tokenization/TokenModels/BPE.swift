/// The BPE model: a word is taken apart into scalars or bytes, and neighbours are merged in the order
/// of a list.
///
/// Semantics are those of Hugging Face's tokenizers.
struct BPE: Sendable {
  /// All pieces.
  let pieces: Vocabulary
  let merges: MergeTable
  let options: Options
  /// For every byte the id of the piece `<0x…>`; nil where scalars that are no piece are not written as
  /// bytes.
  private let fallback: [Int32?]?
  /// The node of the trie to which `continuationPrefix` leads.
  private let continuation: UInt32?
  /// The ids of ASCII scalars wherever they stand, -1 where one is no piece; empty where that depends on
  /// their place.
  private let ascii: [Int32]
  /// The same model over bytes, where the pieces are made of the letters of all bytes.
  let bytes: ByteBPE?

  /// Whether long words may be cut where `▁` stands behind something else, since no merge reaches over
  /// that: the ids are the same, and the parts are words that come again.
  let cutsWords: Bool

  /// What a model has besides pieces and merges.
  struct Options: Sendable {
    /// The id of the token for scalars that are no piece; nil where they are left out.
    var unknown: Int32?
    /// Unknown scalars next to each other are one token.
    var fusesUnknown = false
    /// Scalars that are no piece are written as bytes, where all of these are pieces.
    var fallsBackToBytes = false
    /// A word that is a piece is not taken apart.
    var ignoresMerges = false
    /// What pieces start with that continue a word.
    var continuationPrefix: [UInt8] = []
    /// What pieces end with that end a word.
    var endOfWordSuffix: [UInt8] = []
    /// Whether a merge makes a piece that has `▁` behind something else.
    var joinsWords = true
  }

  /// A model over `pieces`.
  init(pieces: Vocabulary, merges: MergeTable, options: Options) {
    self.pieces = pieces
    self.merges = merges
    self.options = options
    continuation = pieces.trie.node(of: options.continuationPrefix)
    fallback = options.fallsBackToBytes ? (UInt8(0)...255).map { pieces.id(ofByte: $0) } : nil
    let isPlain = options.continuationPrefix.isEmpty && options.endOfWordSuffix.isEmpty
    ascii = isPlain ? (UInt8(0)..<0x80).map { pieces.id(of: [$0]) ?? -1 } : []
    cutsWords =
      isPlain && !options.joinsWords && !options.ignoresMerges
      && pieces.id(of: Self.wordStart) != nil
    bytes =
      isPlain ? ByteBPE(pieces: pieces, merges: merges, ignoresMerges: options.ignoresMerges) : nil
  }

  /// `▁`, which stands for a space.
  private static let wordStart: [UInt8] = [0xE2, 0x96, 0x81]

  /// Where in `word`, after `start`, the first `▁` stands behind something else, or nil.
  static func wordStart(in word: Span<UInt8>, after start: Int) -> Int? {
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

  /// Appends the ids of one word of well-formed, normalized UTF-8, which is not empty.
  func append(_ word: Span<UInt8>, merging: inout PairMerging, to ids: inout [Int32]) {
    if options.ignoresMerges, let id = pieces.trie.id(of: word) {
      ids.append(id)
      return
    }
    merging.ids.removeAll(keepingCapacity: true)
    takeApart(word, into: &merging.ids)
    merging.merge(by: merges)
    ids.append(contentsOf: merging.ids)
  }

  /// Appends the tokens of the scalars of a word.
  private func takeApart(_ word: Span<UInt8>, into ids: inout [Int32]) {
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
        // An unknown token that waits for its neighbours comes behind the bytes, as in the reference.
        continue
      } else if let unknown = options.unknown {
        if waitsForUnknown, !options.fusesUnknown { ids.append(unknown) }
        waitsForUnknown = true
      }
    }
    if waitsForUnknown, let unknown = options.unknown { ids.append(unknown) }
  }

  /// The piece of a scalar at its place in a word, or nil.
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

  /// Appends the tokens of the bytes of a scalar with what a piece would start or end with; false, with
  /// nothing appended, where one of them is no piece.
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
