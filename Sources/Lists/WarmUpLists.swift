package import Options
package import Corpora
package import Diagnostics
package import Randomness

/// Makes the training lists of a warm-up.
package struct WarmUpLists {
  /// A larger corpus is sampled, since neighbours require the embedding of every document.
  static let mostDocuments = 20_000

  package let options: WarmUpOptions
  package let seed: UInt64

  package init(options: WarmUpOptions, seed: UInt64) {
    self.options = options
    self.seed = seed
  }

  /// A drawn query: the number of its document, and the piece.
  package struct Drawn {
    package var document: Int
    package var piece: PseudoQuery
  }

  /// The documents from which queries are drawn: their numbers in the library, and their texts.
  package struct Corpus {
    package fileprivate(set) var numbers: [Int] = []
    fileprivate var pieces: [(title: String, text: String)] = []
    fileprivate var place = ""
  }

  /// Reads the documents of a collection, or a sample of a large one, into `library`.
  package func corpus(
    of collection: Collection, into library: inout TextLibrary
  ) throws(Failure) -> Corpus {
    var random = SplitMix64(seed: seed, stream: 3)
    let sample = Array(0..<collection.documentCount).shuffled(with: &random)
    var corpus = Corpus(place: collection.path)
    for index in sample.prefix(Self.mostDocuments).sorted() {
      let document = try collection.document(at: index)
      guard !document.content.isEmpty else { continue }
      corpus.numbers.append(try library.document(document.id, of: collection))
      corpus.pieces.append((document.title, document.text))
    }
    return corpus
  }

  /// Pieces of a corpus's documents as queries, drawn by `random`. Empty if the corpus offers none
  /// and the warm-up can use the training queries instead.
  ///
  /// - Throws: `Failure` if the corpus offers no pseudo-queries and there are no training queries
  ///   to use.
  package func draw(
    from corpus: Corpus, using random: inout SplitMix64, report: (String) -> Void
  ) throws(Failure) -> [Drawn] {
    let drawn = draw(from: corpus, using: &random)
    if drawn.isEmpty, options.queries.contains(.train) {
      report("the corpus yields no pseudo-queries: warm-up uses only the training queries")
      return []
    }
    guard !drawn.isEmpty, corpus.numbers.count > 1 else {
      throw Failure(
        .badData, "the corpus yields no pseudo-queries", at: Place(corpus.place),
        expected: "documents with a title or with several sentences",
        remedy: "warm up on the training queries ('queries: [train]'), or omit warm_up")
    }
    report("\(drawn.count) pseudo-queries from \(corpus.numbers.count) documents")
    return drawn
  }

  /// Training lists of the training queries themselves: the candidates of each, distributed at
  /// random over lists of the usual size, labelled with a teacher's cosines. At most as many lists
  /// as from pseudo-queries.
  package func lists(
    of queries: [JudgedQuery], cosine: (_ query: Int, _ document: Int) -> Float
  ) -> [TrainingList] {
    var random = SplitMix64(seed: seed, stream: 7)
    var result: [TrainingList] = []
    for query in queries {
      let dealt = query.candidates.map(\.document).shuffled(with: &random)
      let count = max(1, dealt.count / (options.neighbours + 1))
      for i in 0..<count {
        let members = dealt[dealt.count * i / count..<dealt.count * (i + 1) / count]
        guard members.count > 1 else { continue }
        result.append(
          TrainingList(
            query: query.query, documents: Array(members),
            labels: members.map { options.scale * Double(cosine(query.query, $0)) }))
      }
    }
    return Array(result.shuffled(with: &random).prefix(options.lists))
  }

  /// Training lists from a run's scores: for each query of the run a sample of its documents,
  /// labelled with their scores, mapped linearly from the sample's range to 0…`scale`.
  package func lists(
    of run: Run, collection: Collection, ignoringIdenticalIDs: Bool = false,
    into library: inout TextLibrary
  ) throws(Failure) -> [TrainingList] {
    var random = SplitMix64(seed: seed, stream: 4)
    var result: [TrainingList] = []
    for id in run.queries {
      guard let index = collection.queryIndex(of: id) else { continue }
      let hits = run.documents(of: id)
      let known = (ignoringIdenticalIDs ? hits.without(id: id) : hits)
        .filter { collection.documentIndex(of: $0.document) != nil }
      let chosen = Array(known.shuffled(with: &random).prefix(options.neighbours + 1))
      guard chosen.count > 1 else { continue }
      let scores = chosen.map(\.score)
      guard let least = scores.min(), let greatest = scores.max(), greatest > least else {
        continue
      }
      var documents: [Int] = []
      for entry in chosen { documents.append(try library.document(entry.document, of: collection)) }
      result.append(
        TrainingList(
          query: library.append(query: try collection.query(at: index).text), documents: documents,
          labels: scores.map { options.scale * ($0 - least) / (greatest - least) }))
    }
    guard !result.isEmpty else {
      throw Failure(
        .badData, "the teacher's run yields no list", at: Place(run.source),
        expected: "queries and documents of the collection with scores that differ")
    }
    return Array(result.shuffled(with: &random).prefix(options.lists))
  }

  private func draw(from corpus: Corpus, using random: inout SplitMix64) -> [Drawn] {
    let documents = corpus.pieces
    var result: [Drawn] = []
    var order = Array(documents.indices)
    // If the corpus is smaller than the number of lists, its documents are used repeatedly, with
    // other pieces.
    while result.count < options.lists {
      let before = result.count
      order = order.shuffled(with: &random)
      for document in order where result.count < options.lists {
        let piece = PseudoQuery.draw(
          title: documents[document].title, text: documents[document].text, from: options.queries,
          using: &random)
        if let piece { result.append(Drawn(document: corpus.numbers[document], piece: piece)) }
      }
      if result.count == before { break }
    }
    return result
  }
}
