import Batches
package import Corpora
package import Diagnostics
import Models
import Randomness
package import Scoring

/// Weak supervision before training: a fresh score head learns to match from the corpus alone.
///
/// A piece of a document is the query, the document without it and its neighbours are the list, and
/// the teacher's scores of them are the labels; the training queries with their candidates are such
/// lists too. No judgment is looked at.
public struct WarmUpOptions: Sendable {
  /// What is taken as a query.
  public var queries: [PseudoQuerySource] = [.titles, .sentences, .train]
  /// How many lists are made of pieces of documents at most, and how many of training queries.
  public var lists = 2000
  /// How often the lists are gone through.
  public var passes = 1
  /// How many neighbours a list has beside the document itself.
  public var neighbours = 7
  /// What finds them.
  public var neighbourSource = NeighbourSource.words
  /// A run over the collection's queries whose scores are the labels; nil for the bi-encoder.
  public var teacherRun: String?
  /// What cosines are multiplied by to become labels.
  public var scale = 20.0
  /// What the learning rate of a score head that starts from nothing is multiplied by: it has
  /// further to go than the encoder.
  public var freshFactor = 30.0
  /// The longest pair, in tokens.
  public var maximumLength = 128

  /// The defaults.
  public init() {}
}

/// Makes the lists of a warm-up.
package struct WarmUpLists {
  /// A larger corpus is sampled: neighbours need the embedding of every document.
  static let mostDocuments = 20_000
  /// Pseudo-queries are embedded and searched so many at a time.
  private static let searchedTogether = 256

  package let options: WarmUpOptions
  let seed: UInt64
  let maximumLength: Int

  package init(options: WarmUpOptions, seed: UInt64, maximumLength: Int) {
    self.options = options
    self.seed = seed
    self.maximumLength = maximumLength
  }

  /// One drawn query: the document it is from and the piece.
  private struct Drawn {
    var document: Int
    var piece: PseudoQuery
  }

  /// The documents that are drawn from: their numbers in the library, and their texts.
  struct Corpus {
    fileprivate var numbers: [Int] = []
    fileprivate var pieces: [(title: String, text: String)] = []
    fileprivate var place = ""
  }

  /// Reads the documents of a collection, or a sample of a large one, into `library`.
  func corpus(of collection: Collection, into library: inout TextLibrary) throws(Failure) -> Corpus
  {
    var random = SplitMix64(seed: seed, stream: 3)
    let sample = Array(0..<collection.documentCount).shuffled(with: &random)
    var corpus = Corpus(place: collection.folder.path)
    for index in sample.prefix(Self.mostDocuments).sorted() {
      let document = try collection.document(at: index)
      guard !document.content.isEmpty else { continue }
      corpus.numbers.append(try library.document(document.id, of: collection))
      corpus.pieces.append((document.title, document.text))
    }
    return corpus
  }

  /// The lists from a bi-encoder's cosines. Their texts are added to `library`; `documents` are the
  /// embeddings of the library's documents so far.
  ///
  /// - Throws: `Failure` where the corpus offers no pseudo-queries.
  func lists(
    of corpus: Corpus, documents: Embeddings, embedder: TextEmbedder,
    into library: inout TextLibrary, report: (String) -> Void,
    progress: @escaping TrainingProgress
  ) throws(Failure) -> [TrainingList] {
    var random = SplitMix64(seed: seed, stream: 6)
    let drawn = draw(from: corpus.pieces, using: &random)
    if drawn.isEmpty, options.queries.contains(.train) {
      report("the corpus offers no pseudo-queries: the training queries are all there is")
      return []
    }
    guard !drawn.isEmpty, corpus.numbers.count > 1 else {
      throw Failure(
        .badData, "the corpus offers no pseudo-queries", at: Place(corpus.place),
        expected: "documents with a title or with several sentences",
        remedy: "warm up on the training queries ('queries: [train]'), or leave warm_up out")
    }
    report("\(drawn.count) pseudo-queries from \(corpus.numbers.count) documents")
    var queryTexts = TokenStore()
    var remainders = TokenStore()
    for one in drawn {
      queryTexts.append(one.piece.query, with: embedder.model.tokenizer)
      remainders.append(one.piece.remainder, with: embedder.model.tokenizer)
    }
    let queries = embedder.embeddings(of: queryTexts, maximumLength: maximumLength)
    let positives = embedder.embeddings(of: remainders, maximumLength: maximumLength) {
      progress("embedding what is left of them", $0, $1)
    }
    let neighbours = try Neighbours(options, corpus.numbers, &library)
    var result: [TrainingList] = []
    for start in stride(from: 0, to: drawn.count, by: Self.searchedTogether) {
      let rows = start..<min(start + Self.searchedTogether, drawn.count)
      let cosines = queries.cosines(rows, with: documents)
      for row in rows {
        let one = drawn[row]
        let base = (row - start) * documents.count
        let near = neighbours.choose(
          for: corpus.numbers[one.document], using: &random,
          words: queryTexts.ids[queryTexts.range(of: row)], cosine: { cosines[base + $0] })
        let positive = library.append(document: one.piece.remainder)
        let teacher =
          [queries.cosine(row, with: row, of: positives)] + near.map { cosines[base + $0] }
        result.append(
          TrainingList(
            query: library.append(query: one.piece.query), documents: [positive] + near,
            labels: teacher.map { options.scale * Double($0) }))
      }
    }
    return result
  }

  /// Lists from the training queries themselves: the candidates of each, dealt out at random to
  /// lists of the size of the others, labelled with the bi-encoder's cosines. There are no more of
  /// them than of the others.
  package func lists(of queries: [JudgedQuery], queryEmbeddings: Embeddings, documents: Embeddings)
    -> [TrainingList]
  {
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
            labels: members.map {
              options.scale * Double(queryEmbeddings.cosine(query.query, with: $0, of: documents))
            }))
      }
    }
    return Array(result.shuffled(with: &random).prefix(options.lists))
  }

  /// The lists from a run's scores: for each of the run's queries some of its documents, labelled
  /// with their scores, spread over `scale` between the query's least and greatest.
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
        .badData, "the teacher's run gives no list", at: Place(run.source),
        expected: "queries and documents of the collection with scores that differ")
    }
    return Array(result.shuffled(with: &random).prefix(options.lists))
  }

  private func draw(
    from documents: [(title: String, text: String)], using random: inout SplitMix64
  ) -> [Drawn] {
    var result: [Drawn] = []
    var order = Array(documents.indices)
    // A corpus smaller than the number of lists is gone through again, with other pieces.
    while result.count < options.lists {
      let before = result.count
      order = order.shuffled(with: &random)
      for document in order where result.count < options.lists {
        let piece = PseudoQuery.draw(
          title: documents[document].title, text: documents[document].text, from: options.queries,
          using: &random)
        if let piece { result.append(Drawn(document: document, piece: piece)) }
      }
      if result.count == before { break }
    }
    return result
  }
}

extension [TrainingList] {
  /// The lists in the order of an epoch.
  package func reordered(seed: UInt64, epoch: Int) -> [TrainingList] {
    var random = SplitMix64(seed: seed, stream: 5, UInt64(epoch))
    return shuffled(with: &random)
  }
}
