package import Autodiff
import Batches
package import Corpora
package import Diagnostics
package import Scoring

/// A measurement of reranking the candidates of a few queries, tokenization included.
package struct RerankMeasurement {
  /// A query with the texts of its candidates.
  package struct Query: Sendable, Equatable {
    /// The text of the query.
    package let text: String
    /// The texts of the candidates.
    package let documents: [String]

    /// Reads the first queries of a run, in the order of their ids.
    ///
    /// - Parameters:
    ///   - count: the number of queries.
    ///   - depth: the number of candidates per query.
    /// - Throws: `badData` if no query is in the collection, or a text cannot be read.
    package static func first(
      _ count: Int, of run: Run, depth: Int, in collection: Corpora.Collection
    ) throws(Failure) -> [Query] {
      let run = run.prefix(depth)
      let resolution = Resolution(of: nil, run, in: collection)
      try resolution.requireQueries()
      let queries = resolution.queries.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      var found: [Query] = []
      for id in queries.prefix(count) {
        var documents: [String] = []
        for entry in run.documents(of: id) {
          guard let index = collection.documentIndex(of: entry.document) else { continue }
          documents.append(try collection.document(at: index).content)
        }
        found.append(Query(text: try collection.query(id: id).text, documents: documents))
      }
      return found
    }
  }

  private let scorer: PairScorer
  private let precision: Precision
  private let rate: Double
  private let spent: WorkTimes
  private let operations: Double
  private let cascade: ExitCascade?
  /// The number of candidates of every query.
  private let documents: [Int]
  /// The seconds of every query with candidates that leave at exits; empty without exits.
  package let cascadeSeconds: [Double]
  /// The seconds of every query.
  package let seconds: [Double]
  /// The number of pairs scored.
  package let pairs: Int
  /// The number of tokens of these pairs.
  package let tokens: Int

  /// Reranks all queries twice and measures the second pass; `precision` is that of the scorer's
  /// products. With a cascade, each query is also reranked with it, in turn, so that both have the same
  /// machine.
  package init(
    _ queries: [Query], with scorer: PairScorer, maximumLength: Int, _ precision: Precision,
    cascade: ExitCascade? = nil
  ) {
    (self.scorer, self.precision, self.cascade) = (scorer, precision, cascade)
    documents = queries.map(\.documents.count)
    // Other programs may be using this machine: the better of two rates, before and after, counts.
    let rateBefore = ProductRate.measure(precision, workers: scorer.workers)
    for query in queries {
      _ = Self.rerank(query, scorer, maximumLength)
      if let cascade { _ = Self.rerank(query, scorer, maximumLength, cascade) }
    }
    let clock = ContinuousClock()
    var (seconds, cascadeSeconds, tokens) = ([Double](), [Double](), 0)
    var (spent, operations) = (WorkTimes(), 0.0)
    for query in queries {
      let (before, timesBefore) = (scorer.productOperations, scorer.times)
      let time = clock.measure { tokens += Self.rerank(query, scorer, maximumLength) }
      seconds.append(time / .seconds(1))
      spent = spent + (scorer.times - timesBefore)
      operations += scorer.productOperations - before
      guard let cascade else { continue }
      let own = clock.measure { _ = Self.rerank(query, scorer, maximumLength, cascade) }
      cascadeSeconds.append(own / .seconds(1))
    }
    (self.seconds, self.cascadeSeconds, self.tokens) = (seconds, cascadeSeconds, tokens)
    (self.spent, self.operations) = (spent, operations)
    rate = max(rateBefore, ProductRate.measure(precision, workers: scorer.workers))
    pairs = queries.reduce(0) { $0 + $1.documents.count }
  }

  /// Scores a query's candidates and returns their number of tokens.
  private static func rerank(
    _ query: Query, _ scorer: PairScorer, _ maximum: Int, _ cascade: ExitCascade? = nil
  ) -> Int {
    var tokens = PairTokens(scorer.model.tokenizer)
    let number = tokens.append(query: query.text)
    let pairs = query.documents.map { Pair(query: number, document: tokens.append(document: $0)) }
    if let cascade {
      _ = scorer.scores(
        of: pairs, in: tokens, maximumLength: maximum, longDocuments: LongDocuments(),
        cascade: cascade)
    } else {
      _ = scorer.scores(of: pairs, in: tokens, maximumLength: maximum)
    }
    return pairs.reduce(0) { $0 + tokens.length(of: $1, maximum: maximum) }
  }

  /// The share of the layers' work that is done with a cascade.
  private func work(of cascade: ExitCascade) -> Double {
    let layers = scorer.model.blueprint.layers.count
    let done = documents.reduce(0) {
      $0 + Double($1) * cascade.work(layers: layers, candidates: $1)
    }
    return done / Double(max(pairs, 1))
  }

  /// The report; `depth` is the requested number of candidates per query.
  package func report(depth: Int) -> BenchReport {
    let total = seconds.reduce(0, +)
    var report = BenchReport()
    report.add("pairs_per_second", Double(pairs) / total)
    report.add("tokens_per_second", Double(tokens) / total)
    report.add("median_ms", median(seconds) * 1000)
    if let cascade {
      report.add("exits_median_ms", median(cascadeSeconds) * 1000)
      report.add("exits_pairs_per_second", Double(pairs) / cascadeSeconds.reduce(0, +))
      report.add(
        "exits_speedup", total / max(cascadeSeconds.reduce(0, +), .leastNormalMagnitude),
        digits: 1000)
      report.add(
        "exits_work", work(of: cascade), digits: 1000)
    }
    report.add("achieved_gflops", operations / total / 1e9)
    report.add("gemm_gflops", rate / 1e9)
    report.add("gemm_share", operations / total / rate, digits: 1000)
    report.add(spent, wall: total, workers: scorer.workers)
    report.add("peak_memory_mb", peakMemory)
    report.add("queries", seconds.count)
    report.add("depth", depth)
    report.add("workers", scorer.workers)
    report.add("precision", precision.rawValue)
    return report
  }
}
