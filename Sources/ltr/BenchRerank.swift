import ArgumentParser
import Autodiff
import Batches
import Corpora
import Diagnostics
import Inference
import Scoring
import Tensors

/// `ltr bench rerank`.
struct BenchRerank: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerank",
    abstract: "Reranks the candidates of five queries, twice, and measures the second time.",
    discussion: """
      The queries are the run's first five in the order of their ids. Tokenization is included; \
      median_ms is the median query's time.
      """)

  @OptionGroup var options: BenchOptions

  /// One query with the texts of its candidates.
  private struct Work {
    let query: String
    let documents: [String]
  }

  func run() throws {
    let precision = try options.precision.forInference()
    let path = try options.required(options.model, "--model")
    let work = try work()
    let model = try ScoringModel(
      path, label: options.label.label, maximumLength: options.maxLength)
    let scorer = PairScorer(model.encoder, precision: precision, workers: options.workers)
    // Others may be using this machine too: the better of two rates, before and after, is its own.
    let rateBefore = ProductRate.measure(precision, workers: scorer.workers)
    for query in work { _ = Self.rerank(query, scorer, options.maxLength) }
    let (before, timesBefore) = (scorer.productOperations, scorer.times)
    var (times, tokens) = ([Double](), 0)
    let clock = ContinuousClock()
    for query in work {
      let seconds =
        clock.measure {
          tokens += Self.rerank(query, scorer, options.maxLength)
        } / .seconds(1)
      times.append(seconds)
    }
    let seconds = times.reduce(0, +)
    let spent = scorer.times - timesBefore
    let achieved = (scorer.productOperations - before) / seconds
    let rate = max(rateBefore, ProductRate.measure(precision, workers: scorer.workers))
    let pairs = work.reduce(0) { $0 + $1.documents.count }
    var report = BenchReport()
    report.add("pairs_per_second", Double(pairs) / seconds)
    report.add("tokens_per_second", Double(tokens) / seconds)
    report.add("median_ms", BenchOptions.median(times) * 1000)
    report.add("achieved_gflops", achieved / 1e9)
    report.add("gemm_gflops", rate / 1e9)
    report.add("gemm_share", achieved / rate, digits: 1000)
    report.add(spent, wall: seconds, workers: scorer.workers)
    report.add("peak_memory_mb", BenchOptions.peakMemory)
    report.add("queries", work.count)
    report.add("depth", options.depth)
    report.add("workers", scorer.workers)
    report.add("precision", precision.rawValue)
    try report.write(asJSON: options.json)
  }

  /// Scores a query's candidates and returns how many tokens that were.
  private static func rerank(_ work: Work, _ scorer: PairScorer, _ maximum: Int) -> Int {
    var tokens = PairTokens(scorer.model.tokenizer)
    let query = tokens.append(query: work.query)
    let pairs = work.documents.map { Pair(query: query, document: tokens.append(document: $0)) }
    _ = scorer.scores(of: pairs, in: tokens, maximumLength: maximum)
    return pairs.reduce(0) { $0 + tokens.length(of: $1, maximum: maximum) }
  }

  private func work() throws(Failure) -> [Work] {
    let collection = try Reading.collection(
      options.required(options.collection, "--collection"), options.encoding.value())
    let run = try Reading.run(options.required(options.run, "--run")).prefix(options.depth)
    let resolution = Resolution(of: nil, run, in: collection)
    try resolution.requireQueries()
    let queries = resolution.queries.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var work: [Work] = []
    for id in queries.prefix(5) {
      var documents: [String] = []
      for entry in run.documents(of: id) {
        guard let index = collection.documentIndex(of: entry.document) else { continue }
        documents.append(try collection.document(at: index).content)
      }
      work.append(Work(query: try collection.query(id: id).text, documents: documents))
    }
    try Terminal.check(collection.emptyTexts)
    return work
  }
}
