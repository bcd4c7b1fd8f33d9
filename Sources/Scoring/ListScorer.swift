package import Batches
package import Diagnostics

/// Scores lists of documents, each for a query, several lists at a time: memory grows with the
/// texts that are scored together, not with all texts.
package struct ListScorer: Sendable {
  /// The texts of lists that are scored together.
  package struct Chunk {
    fileprivate var tokens: PairTokens
    fileprivate var pairs: [Pair] = []
    /// The start of each list among the pairs.
    fileprivate var starts: [Int] = []
    private var query = 0
    private var numbers: [String: Int] = [:]

    fileprivate init(_ tokens: PairTokens) { self.tokens = tokens }

    /// Starts the list of a query.
    package mutating func append(query text: String) {
      starts.append(pairs.count)
      query = tokens.append(query: text)
    }

    /// Appends a document to the current list. Its text is tokenized once per chunk, regardless of
    /// the number of lists that contain it.
    ///
    /// - Throws: errors of reading the text.
    package mutating func append(
      document id: String, text: () throws(Failure) -> String
    ) throws(Failure) {
      let number: Int
      if let known = numbers[id] {
        number = known
      } else {
        number = tokens.append(document: try text())
        numbers[id] = number
      }
      pairs.append(Pair(query: query, document: number))
    }

    /// The range of each list among the pairs.
    fileprivate var lists: [Range<Int>] {
      zip(starts, starts.dropFirst() + [pairs.count]).map { $0..<$1 }
    }
  }

  /// The scorer of the pairs.
  package let scorer: PairScorer
  /// The maximum number of tokens per sequence.
  package let maximumLength: Int
  /// The treatment of documents that exceed a sequence.
  package let longDocuments: LongDocuments
  /// The exits at which candidates leave; nil if all go through all layers.
  package let cascade: ExitCascade?
  /// The number of pairs at which a chunk is complete.
  package let pairsAtOnce: Int

  /// A scorer of lists.
  package init(
    _ scorer: PairScorer, maximumLength: Int, longDocuments: LongDocuments = LongDocuments(),
    cascade: ExitCascade? = nil, pairsAtOnce: Int = 1024
  ) {
    self.scorer = scorer
    self.maximumLength = maximumLength
    self.longDocuments = longDocuments
    self.cascade = cascade
    self.pairsAtOnce = pairsAtOnce
  }

  /// Scores lists, chunk by chunk.
  ///
  /// - Parameters:
  ///   - progress: receives the number of pairs done, on any thread.
  ///   - next: appends the next list to a chunk, or returns false at the end.
  ///   - scored: receives the scores of a chunk's pairs, and the ranges of its lists among them.
  /// - Throws: errors of `next` and `scored`.
  package func score(
    progress: (@Sendable (Double) -> Void)? = nil,
    next: (inout Chunk) throws(Failure) -> Bool,
    scored: (PassageScores, [Range<Int>]) throws(Failure) -> Void
  ) throws(Failure) {
    var done = 0
    var hasMore = true
    while hasMore {
      var chunk = Chunk(PairTokens(scorer.model.tokenizer))
      while hasMore, chunk.pairs.count < pairsAtOnce { hasMore = try next(&chunk) }
      if chunk.starts.isEmpty { return }
      let (before, among) = (Double(done), Double(chunk.pairs.count))
      let tell: @Sendable (Int, Int) -> Void = { done, total in
        progress?(before + among * Double(done) / Double(max(total, 1)))
      }
      let scores =
        if let cascade {
          scorer.scores(
            of: chunk.pairs, in: chunk.tokens, maximumLength: maximumLength,
            longDocuments: longDocuments, cascade: cascade, progress: tell)
        } else {
          scorer.scores(
            of: chunk.pairs, in: chunk.tokens, maximumLength: maximumLength,
            longDocuments: longDocuments, progress: tell)
        }
      done += chunk.pairs.count
      try scored(scores, chunk.lists)
    }
  }
}
