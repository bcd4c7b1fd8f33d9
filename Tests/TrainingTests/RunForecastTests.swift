import Batches
import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Options
import Ranking
import TestSupport
import Testing
import Training

@Suite struct RunForecastTests {
  private let source: ModelSource
  private let model: CrossEncoder
  private let plan: TrainingPlan
  private let collection: TinyCollection

  init() throws {
    collection = try TinyCollection()
    source = try ModelSource(TinyModel(head: false).written())
    model = try CrossEncoder(source, seed: 1)
    var plan = TrainingPlan(
      loss: try Loss("softmax"), warmUpLoss: try Loss("softmax"),
      measures: [try Measure(parsing: "nDCG@10")], select: try Measure(parsing: "nDCG@10"))
    plan.training.epochs = 3
    plan.training.batch = .lists(2)
    plan.training.workers = 2
    plan.maximumLength = 12
    plan.evaluateEvery = .steps(2)
    plan.fusion = FusionOptions()
    var warmUp = WarmUpOptions()
    (warmUp.lists, warmUp.neighbours, warmUp.maximumLength) = (6, 3, 32)
    warmUp.batch = .lists(2)
    plan.warmUp = warmUp
    self.plan = plan
  }

  private func data(counting: Bool) throws -> TrainingData<PairTokens> {
    try TrainingData(
      collection.sources(dev: true), plan, model: model,
      biEncoder: counting ? nil : BiEncoder(source), countsEmbeddings: counting,
      progress: { _, _, _ in }, report: { _ in })
  }

  /// Data for a forecast has the phases of the run, lists of the same lengths, and the lengths of
  /// all texts that the run embeds: documents, queries, pieces and what they leave.
  @Test func dataOfAForecastIsThatOfTheRun() throws {
    let (real, counted) = (try data(counting: false), try data(counting: true))
    let (expected, found) = (real.overview.parts, counted.overview.parts)
    #expect(found.map(\.name) == ["warm-up", "training", "dev"])
    #expect(found.map(\.steps) == expected.map(\.steps))
    #expect(found.map(\.lists) == expected.map(\.lists))
    #expect(found.dropFirst() == expected.dropFirst())
    #expect(real.embeddedLengths.isEmpty && !counted.embeddedLengths.isEmpty)
    #expect(counted.embeddedLengths.allSatisfy { (2...plan.maximumLength).contains($0) })
    #expect(counted.devBiEncoder?.count == real.devBiEncoder?.count)
  }

  @Test func anOverviewCountsPairsAndTheirLengths() throws {
    let data = try data(counting: true)
    let dev = try #require(data.overview.parts.last)
    let evaluator = try #require(data.dev)
    let lengths = evaluator.sample(.max).map { data.source.length(of: $0, maximum: .max) }
    #expect(dev.name == "dev" && dev.steps == nil && dev.maximumLength == 12)
    #expect(dev.pairs == lengths.count && dev.longest == lengths.max())
    let long = lengths.count { $0 > 12 }
    #expect(dev.truncatedShare == Double(long) / Double(lengths.count))
    #expect(long > 0 && long < lengths.count, "the test says nothing of the share")
  }

  /// A forecast has every part of a run, and its time is within an order of what the run took, which
  /// is a fraction of a second here.
  @Test func everyPartHasItsTime() throws {
    let data = try data(counting: true)
    let forecast = try RunForecast(model, plan, data, preparation: 0.5)
    #expect(
      forecast.parts.map(\.name) == [
        "reading the data", "embedding the documents", "warm-up", "training", "evaluation on dev",
      ])
    #expect(forecast.parts.allSatisfy { $0.seconds > 0 && $0.seconds < 60 }, "\(forecast.parts)")
    #expect(forecast.seconds > 0.5 && forecast.workers == 2)
    #expect(forecast.peakMemory > 1 << 20 && !forecast.lacksMemory)
  }

  /// Where memory does not suffice, nothing is computed.
  @Test func lackingMemoryIsSaidAndNothingComputed() throws {
    let data = try data(counting: true)
    let before = model.parameters.values.array
    let forecast = try RunForecast(model, plan, data, preparation: 0, available: 0)
    #expect(forecast.parts.isEmpty && forecast.lacksMemory)
    #expect(model.parameters.values.array == before)
    let enough = try RunForecast(model, plan, data, preparation: 0, available: 1 << 40)
    #expect(!enough.lacksMemory && !enough.parts.isEmpty)
    #expect(model.parameters.values.array != before)
  }

  /// Recomputed layers, slices and fixed weights lower what is planned.
  @Test func plannedMemoryFollowsTheBuffers() throws {
    let data = try data(counting: true)
    func planned(_ change: (inout StepOptions) -> Void) throws -> Int {
      var options = try plan.stepOptions(model)
      change(&options)
      return PlannedMemory(model, options, data).step
    }
    let usual = try planned { _ in }
    #expect(try planned { $0.layersPerSegment = 1 } <= usual)
    #expect(try planned { $0.sliceTokens = 12 } < usual)
    #expect(try planned { $0.averages = true } > usual)
    #expect(try planned { $0.workers = 4 } > usual)
  }
}
