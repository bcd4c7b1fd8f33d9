extension Tokenizer {
  /// Working memory for tokenizing texts without allocation: buffers and a cache of words. Each
  /// thread needs its own; about half a megabyte, and four more unless the stages are BERT's.
  public struct Scratch: Sendable {
    /// The text with ill-formed parts replaced.
    var repaired: [UInt8] = []
    /// A query or document with the text of a prompt around it.
    var prompted: [UInt8] = []
    // Separate buffers: while one stage reads its text, the next modifies its own.
    var normal = NormalText()
    var split = SplitText()
    var words = Words()

    /// The working memory of the model: the cache of words, and buffers.
    struct Words: Sendable {
      var cache = WordCache()
      var pieces = PieceCache()
      /// The best paths to the positions of a word.
      var places: [Unigram.Place] = []
      /// The bytes of a word that is not cached.
      var letters: [UInt8] = []
      /// The tokens of a word that are being merged.
      var merging = PairMerging()
      /// The positions of a word at which no token stays apart from the one before.
      var failed: [Bool] = []
      /// The tokens of adjacent tokens' texts, and the result of merging several ones' again.
      var joints = JointCache()
      var joined: [Int32] = []
    }

    private var owner: Identity?

    /// Empty working memory, for any tokenizer.
    public init() {}

    /// Clears the cache if it belongs to a different tokenizer.
    mutating func adopt(_ identity: Identity) {
      if owner === identity { return }
      words.cache.removeAll()
      words.pieces.removeAll()
      words.joints.removeAll()
      owner = identity
    }
  }
}
