import Batches
import Corpora
import Diagnostics
import Ranking
import Scoring

/// A run reordered by a model, some queries at a time: memory grows with the run, not with the
/// texts.
struct Reranking {
  let scorer: PairScorer
  let maximumLength: Int
  let longDocuments: LongDocuments
  let fusion: Fusion?

  /// What came out.
  struct Result {
    /// The candidates by their new scores.
    let run: Run
    /// How many of them were too long.
    let longDocuments: LongDocumentCount
    /// The queries all of whose candidates the model gave one score.
    let equalScores: EqualScores
  }

  /// How many pairs are scored at once at least, as far as there are so many.
  private static let pairsAtOnce = 1024

  /// One query's candidates that are in the collection.
  private struct Candidates {
    let query: String
    var documents: [ScoredDocument] = []
  }

  /// The run of `queries`, each with its candidates that are in the collection, by new scores.
  ///
  /// - Throws: `badData` for a malformed record, and for a score that is not finite.
  func callAsFunction(
    _ run: Run, of queries: [String], in collection: Collection
  ) throws(Failure) -> Result {
    let total = queries.reduce(0) { $0 + run.documents(of: $1).count }
    let progress = ProgressLine("pairs", total: total)
    defer { progress.finish() }
    var rankings: [(query: String, documents: [ScoredDocument])] = []
    var count = LongDocumentCount(maximumLength: maximumLength)
    var equal = EqualScores()
    var done = 0
    var next = 0
    while next < queries.count {
      var tokens = PairTokens(scorer.model.tokenizer)
      var numbers: [String: Int] = [:]
      var pairs: [Pair] = []
      var group: [Candidates] = []
      while next < queries.count, pairs.count < Self.pairsAtOnce {
        let id = queries[next]
        next += 1
        let query = tokens.append(query: try collection.query(id: id).text)
        var candidates = Candidates(query: id)
        for entry in run.documents(of: id) {
          guard let index = collection.documentIndex(of: entry.document) else { continue }
          let document: Int
          if let known = numbers[entry.document] {
            document = known
          } else {
            document = tokens.append(document: try collection.document(at: index).content)
          }
          numbers[entry.document] = document
          pairs.append(Pair(query: query, document: document))
          candidates.documents.append(entry)
        }
        group.append(candidates)
      }
      let (before, among) = (Double(done), Double(pairs.count))
      let scores = scorer.scores(
        of: pairs, in: tokens, maximumLength: maximumLength, longDocuments: longDocuments
      ) {
        progress.show(before + among * Double($0) / Double(max($1, 1)))
      }
      done += pairs.count
      count.add(scores)
      try append(scores.scores, group, to: &rankings, &equal)
    }
    let tag = fusion == nil ? "ltr" : "ltr-fused"
    return Result(
      run: Run(rankings, tag: tag, from: run.source), longDocuments: count, equalScores: equal)
  }

  private func append(
    _ scores: [Float], _ group: [Candidates],
    to rankings: inout [(query: String, documents: [ScoredDocument])], _ equal: inout EqualScores
  ) throws(Failure) {
    var start = 0
    for candidates in group {
      let documents = candidates.documents
      var values = scores[start..<start + documents.count].map(Double.init)
      start += documents.count
      if let wrong = documents.first(where: { fusion != nil && !$0.score.isFinite }) {
        throw Self.notFinite("first stage", wrong.score, wrong.document, candidates.query)
      }
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw Self.notFinite("model", values[index], documents[index].document, candidates.query)
      }
      equal.add(candidates.query, values)
      if let fusion {
        values = fusion.scores(model: values, firstStage: documents.map(\.score))
      }
      rankings.append(
        (candidates.query, zip(documents, values).map { .init(document: $0.document, score: $1) }))
    }
  }

  private static func notFinite(
    _ whose: String, _ score: Double, _ document: String, _ query: String
  ) -> Failure {
    Failure(
      .badData, "the \(whose)'s score of document '\(document)' for query '\(query)' is \(score)",
      expected: "finite scores")
  }
}
