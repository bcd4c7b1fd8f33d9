import ArgumentParser
import Benchmarking
import Inference
import Scoring

/// `ltr bench rerank`.
struct BenchRerank: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerank",
    abstract: "Reranks the candidates of five queries and measures the second of two passes.",
    discussion: """
      The queries are the run's first five in the order of their ids. Tokenization is included; \
      median_ms is the median query's time. With --exits, each query is reranked by all layers and with \
      the candidates that leave at the exits, one after the other, and exits_speedup is the quotient of \
      the two times.
      """)

  @OptionGroup var options: BenchOptions

  @OptionGroup var exits: ExitsOption

  func run() throws {
    let precision = try options.precision.forInference()
    let path = try options.required(options.model, "--model")
    let collection = try Reading.collection(
      options.required(options.collection, "--collection"), options.collectionOptions.value())
    let run = try Reading.run(options.required(options.run, "--run"))
    let queries = try RerankMeasurement.Query.first(
      5, of: run, depth: options.depth, in: collection)
    try Terminal.check(collection.emptyTexts)
    let model = try ScoringModel(
      path, label: options.label.label, maximumLength: options.maxLength, prompt: options.prompt)
    let cascade = try exits.cascade(of: model, at: path)
    let scorer = PairScorer(model.encoder, precision: precision, workers: options.workers)
    let found = RerankMeasurement(
      queries, with: scorer, maximumLength: options.maxLength, precision, cascade: cascade)
    try options.write(found.report(depth: options.depth))
  }
}
