import Batches
import Diagnostics
import Lists
import Randomness
import Scoring

/// Labels pieces of documents for a warm-up with a bi-encoder's cosines.
struct WarmUpTeacher {
  /// The number of pseudo-queries that are embedded and searched together.
  private static let searchedTogether = 256

  let maker: WarmUpLists
  let embedder: PreparationEmbedder
  let maximumLength: Int

  /// The lists of a corpus. Their texts are added to `library`, which passes them to `texts`;
  /// `documents` are the embeddings of the library's documents so far.
  ///
  /// - Throws: `Failure` if the corpus has no pseudo-queries.
  func lists(
    of corpus: WarmUpLists.Corpus, _ texts: BackgroundTokenizer, documents: Embeddings,
    into library: inout TextLibrary, report: (String) -> Void,
    progress: @escaping TrainingProgress
  ) throws(Failure) -> [TrainingList] {
    var random = SplitMix64(seed: maker.seed, stream: 6)
    let drawn = try maker.draw(from: corpus, using: &random, report: report)
    guard !drawn.isEmpty else { return [] }
    var queryTexts = TokenStore()
    var remainders = TokenStore()
    for one in drawn {
      embedder.append(one.piece.query, to: &queryTexts)
      embedder.append(one.piece.remainder, to: &remainders)
    }
    let queries = embedder.embeddings(of: queryTexts, maximumLength: maximumLength)
    let positives = embedder.embeddings(of: remainders, maximumLength: maximumLength) {
      progress("embedding the documents without their pseudo-queries", $0, $1)
    }
    let neighbours = try Neighbours(maker.options, corpus.numbers, &library) {
      let store = texts.tokens.documents
      return WordIndex(corpus.numbers.map { store.ids[store.range(of: $0)] })
    }
    var result: [TrainingList] = []
    for start in stride(from: 0, to: drawn.count, by: Self.searchedTogether) {
      let rows = start..<min(start + Self.searchedTogether, drawn.count)
      let cosines = queries.cosines(rows, with: documents)
      for row in rows {
        let one = drawn[row]
        let base = (row - start) * documents.count
        let near = neighbours.choose(
          for: one.document, using: &random,
          words: queryTexts.ids[queryTexts.range(of: row)], cosine: { cosines[base + $0] })
        let positive = library.append(document: one.piece.remainder)
        let teacher =
          [queries.cosine(row, with: row, of: positives)] + near.map { cosines[base + $0] }
        result.append(
          TrainingList(
            query: library.append(query: one.piece.query), documents: [positive] + near,
            labels: teacher.map { maker.options.scale * Double($0) }))
      }
    }
    return result
  }
}
