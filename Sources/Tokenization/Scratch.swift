extension Tokenizer {
  /// Working space for tokenizing text after text without allocating: buffers and the pieces of
  /// words met before. One for each thread; about half a megabyte, and four more for a Unigram
  /// model.
  public struct Scratch: Sendable {
    /// The text with ill-formed parts replaced.
    var repaired: [UInt8] = []
    // Apart from each other: while one stage reads its text, the next changes its own.
    var normal = NormalText()
    var split = SplitText()
    var words = Words()

    /// What the model works with: the words met before, and buffers.
    struct Words: Sendable {
      var cache = WordCache()
      var pieces = PieceCache()
      /// The best paths through a word.
      var places: [Unigram.Place] = []
      /// The bytes of a word that is not cached.
      var letters: [UInt8] = []
    }

    private var owner: Identity?

    /// Empty working space, for any tokenizer.
    public init() {}

    /// Forgets the words of other tokenizers.
    mutating func adopt(_ identity: Identity) {
      if owner === identity { return }
      words.cache.removeAll()
      words.pieces.removeAll()
      owner = identity
    }
  }
}
