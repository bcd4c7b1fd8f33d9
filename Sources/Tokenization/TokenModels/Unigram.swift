/// SentencePiece's Unigram model: divides a word into the pieces with the highest sum of scores.
///
/// Kudo, "Subword Regularization", ACL 2018. The search follows Hugging Face's tokenizers: sums are
/// in double precision from the left, the first of equal sums wins, and adjacent characters without
/// a piece are one unknown token.
struct Unigram: Sendable {
  /// All pieces; ids are their positions in the file.
  let pieces: Vocabulary
  /// The id of the token for characters without a piece.
  let unknown: Int32
  /// The pieces, for searches from every character.
  private let array: PieceArray
  /// The score of each piece.
  private let scores: [Double]
  /// The score of a character that is not a piece: below that of every piece.
  private let unknownScore: Double
  /// The ids of the tokens of the 256 bytes, -1 if one is missing; empty without byte fallback.
  private let byteTokens: [Int32]

  /// The difference between the lowest score and that of an unknown character.
  private static let unknownPenalty = 10.0

  /// A position between two characters of a word, with the best path to it.
  struct Place: Sendable {
    /// The sum of scores.
    var score = 0.0
    /// The start of the last piece, or -1 without a path.
    var start: Int32 = -1
    /// The id of the last piece.
    var id: Int32 = 0
  }

  /// A model over `pieces`; piece `id` has the score `scores[id]`, and `unknown` is one of them. If
  /// `fallsBackToBytes`, unknown characters become the tokens `<0x00>` to `<0xFF>` of their bytes.
  init(pieces: Vocabulary, scores: [Double], unknown: Int32, fallsBackToBytes: Bool) {
    self.pieces = pieces
    array = PieceArray(pieces.trie)
    self.scores = scores
    self.unknown = unknown
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    byteTokens = !fallsBackToBytes ? [] : (UInt8(0)...255).map { pieces.id(ofByte: $0) ?? -1 }
  }

  /// Appends the ids of one word of well-formed UTF-8, which is not empty, from the cache if it
  /// contains the word.
  func append(_ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]) {
    words.pieces.append(word, to: &ids) { word, ids in
      append(word, places: &words.places, to: &ids)
    }
  }

  /// Appends the ids of one word of well-formed UTF-8; `places` is working memory.
  func append(_ word: Span<UInt8>, places: inout [Place], to ids: inout [Int32]) {
    precondition(word.count < Int32.max, "a word of \(word.count) bytes")
    findPath(through: word, places: &places)
    let first = ids.count
    var end = word.count
    while end > 0 {
      var start = Int(places[end].start)
      let id = places[end].id
      if id != unknown {
        ids.append(id)
      } else {
        while start > 0, places[start].id == unknown { start = Int(places[start].start) }
        appendUnknown(word.extracting(start..<end), to: &ids)
      }
      end = start
    }
    ids[first...].reverse()
  }

  /// Appends the ids of a run of unknown characters, last to first.
  private func appendUnknown(_ run: Span<UInt8>, to ids: inout [Int32]) {
    if let match = pieces.trie.longest(in: run, from: 0, node: PieceTrie.root),
      match.end == run.count
    {
      ids.append(match.id)
      return
    }
    let first = ids.count
    for index in byteTokens.isEmpty ? 0..<0 : run.indices {
      let id = byteTokens[Int(run[run.count - 1 - index])]
      ids.append(id)
      if id < 0 {
        ids.removeLast(ids.count - first)
        break
      }
    }
    if ids.count == first { ids.append(unknown) }
  }

  /// Fills `places` with the best path to each end of a character.
  private func findPath(through word: Span<UInt8>, places: inout [Place]) {
    places.removeAll(keepingCapacity: true)
    places.append(contentsOf: repeatElement(Place(), count: word.count + 1))
    let scores = scores.span
    var path = places.mutableSpan
    var start = 0
    while start < word.count {
      let score = path[start].score
      let length = UTF8Text.scalar(at: start, of: word).length
      var isCovered = false
      var end = start
      var node = PieceArray.root
      while end < word.count, let next = array.child(of: node, word[end]) {
        node = next.node
        end += 1
        let id = next.id
        if id < 0 { continue }
        Self.offer(score + scores[Int(id)], from: start, id: id, to: &path[end])
        if end - start == length { isCovered = true }
      }
      if !isCovered {
        Self.offer(
          score + unknownScore, from: start, id: unknown, to: &path[start + length])
      }
      start += length
    }
  }

  @inline(__always)
  private static func offer(_ score: Double, from start: Int, id: Int32, to place: inout Place) {
    if place.start < 0 || score > place.score {
      place = Place(score: score, start: Int32(truncatingIfNeeded: start), id: id)
    }
  }
}
