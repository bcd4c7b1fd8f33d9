import Benchmarking
import Corpora
import Diagnostics
import JSON
import ModelFiles
import ModelSupport
import Models
import Ranking
import Scoring
import Testing

@Suite struct MeasurementTests {
  private func model() throws -> CrossEncoder {
    try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
  }

  private func names(_ report: BenchReport) -> [String] {
    report.json.members?.keys.sorted() ?? []
  }

  @Test func medians() {
    #expect(median([3, 1, 2]) == 2)
    #expect(median([4, 1, 2, 3]) == 2.5)
    #expect(median([]) == 0)
  }

  @Test func reports() throws {
    var report = BenchReport()
    report.add("tokens_per_second", 1234.56)
    report.add("gemm_share", 0.81249, digits: 1000)
    report.add("steps", 3)
    report.add("precision", "f32")
    #expect(
      report.json == [
        "tokens_per_second": 1234.6, "gemm_share": 0.812, "steps": 3, "precision": "f32",
      ])
    #expect(try report.text().split(separator: "\n").first == "tokens per second  1234.6")
  }

  /// Two steps are not counted, and every counted step has all its pairs.
  @Test func trainingSteps() throws {
    let data = try TinyCollection()
    let measured = try TrainingMeasurement(
      model(), Collection(opening: data.path), Run(opening: data.train),
      .init(
        steps: 5, batchPairs: 8, listSize: 4, maximumLength: 32, precision: .f32, workers: 2))
    #expect(measured.seconds.count == 3 && measured.pairs == 24 && measured.workers == 2)
    #expect(measured.tokens > 24 * 3 && measured.operations > 0)
    let report = measured.report().json
    #expect(report["steps"] == 3 && report["batch_pairs"] == 8 && report["workers"] == 2)
    let shares = ["products", "attention", "rows", "optimizer", "waiting"].compactMap {
      report["time_\($0)"]?.double
    }
    #expect(shares.count == 5 && abs(shares.reduce(0, +) - 1) < 0.01, "\(shares)")
  }

  @Test func tooFewSteps() throws {
    let data = try TinyCollection()
    let failure = #expect(throws: Failure.self) {
      _ = try TrainingMeasurement(
        model(), Collection(opening: data.path), Run(opening: data.train),
        .init(steps: 2, batchPairs: 8, listSize: 1, maximumLength: 32, precision: .f32))
    }
    #expect(failure?.kind == .usage)
  }

  @Test func memoryBudgets() throws {
    let data = try TinyCollection()
    let failure = #expect(throws: Failure.self) {
      _ = try TrainingMeasurement(
        model(), Collection(opening: data.path), Run(opening: data.train),
        .init(
          steps: 3, batchPairs: 8, listSize: 1, maximumLength: 32, precision: .f32,
          memoryBudget: 1000))
    }
    #expect(failure?.kind == .usage, "the budget is an option here, not a key of a recipe")
  }

  @Test func reranking() throws {
    let data = try TinyCollection()
    let queries = try RerankMeasurement.Query.first(
      3, of: Run(opening: data.train), depth: 4, in: Collection(opening: data.path))
    #expect(queries.count == 3 && queries.allSatisfy { $0.documents.count == 4 })
    let measured = RerankMeasurement(
      queries, with: PairScorer(try model(), workers: 1), maximumLength: 32, .f32)
    #expect(measured.pairs == 12 && measured.seconds.count == 3 && measured.tokens > 12 * 3)
    let report = measured.report(depth: 4)
    #expect(report.json["queries"] == 3 && report.json["depth"] == 4)
    #expect(names(report).contains("gemm_share"))
  }

  @Test func tokenization() throws {
    let texts = (0..<10).map { Array(TinyModel.text(words: 20, seed: $0).utf8) }
    let measured = TokenizeMeasurement(try model().tokenizer, texts)
    #expect(measured.documents == 10 && measured.bytes == texts.reduce(0) { $0 + $1.count })
    #expect(measured.tokens == 200, "the words are known whole")
  }

  @Test func losses() throws {
    let batch = LossBatch(lists: 3, of: 4)
    #expect(batch.name == "3_of_4" && batch.pairs == 12)
    #expect(batch.seconds(try Loss("softmax")) > 0)
  }
}
