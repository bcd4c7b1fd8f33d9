extension Tokenizer {
  /// Working space for tokenizing text after text without allocating: buffers and the pieces of
  /// words met before. One for each thread; about half a megabyte.
  public struct Scratch: Sendable {
    /// The text with ill-formed parts replaced.
    var repaired: [UInt8] = []
    var normal = Normal()
    var words = Words()

    /// Normalized text, and what normalizing needs.
    struct Normal: Sendable {
      var text: [UInt8] = []
      /// Marks that wait for their place.
      var waiting: [BertNormalizer.Waiting] = []
    }

    /// What belongs to words; apart from the rest because it changes while normalized text is read.
    struct Words: Sendable {
      var cache = WordCache()
      /// The bytes of a word that is not cached.
      var letters: [UInt8] = []
    }

    private var owner: Identity?

    /// Empty working space, for any tokenizer.
    public init() {}

    /// Forgets the words of any other tokenizer.
    mutating func adopt(_ identity: Identity) {
      if owner === identity { return }
      words.cache.removeAll()
      owner = identity
    }
  }
}
