import Batches
import ModelFiles
import ModelSupport
import Models
import Options
import Ranking
import Synchronization
import Testing
import Training

/// Runs that follow each other embed the same texts once.
@Suite struct EmbeddingMemoryTests {
  private final class Log: Sendable {
    let embedded = Mutex(0)
  }

  private let collection: TinyCollection
  private let source: ModelSource

  init() throws {
    collection = try TinyCollection()
    source = try ModelSource(TinyModel(head: false).written())
  }

  /// The bi-encoder's scores of dev, and whether documents were embedded for them.
  private func prepared(
    _ memory: EmbeddingMemory?, model name: String = "m", seed: UInt64 = 7, length: Int = 40
  ) throws -> (scores: [Double], hasEmbedded: Bool) {
    let measure = try Measure(parsing: "nDCG@10")
    var plan = TrainingPlan(
      loss: try Loss("softmax"), warmUpLoss: try Loss("softmax"), measures: [measure],
      select: measure)
    (plan.training.seed, plan.training.workers, plan.maximumLength) = (seed, 2, length)
    var options = WarmUpOptions()
    (options.lists, options.neighbours, options.maximumLength) = (6, 3, 32)
    plan.warmUp = options
    let log = Log()
    let data = try TrainingData(
      collection.sources(dev: true), plan, model: CrossEncoder(source, seed: 1),
      biEncoder: BiEncoder(source), recalling: memory.map { ($0, model: name) },
      progress: { what, _, _ in
        if what == "embedding the documents" { log.embedded.withLock { $0 += 1 } }
      }, report: { _ in })
    return (try #require(data.devBiEncoder), log.embedded.withLock { $0 } > 0)
  }

  @Test func sameTextsAreEmbeddedOnce() throws {
    let alone = try prepared(nil)
    #expect(alone.hasEmbedded)
    let memory = EmbeddingMemory()
    let first = try prepared(memory)
    let second = try prepared(memory, seed: 8)
    #expect(first.hasEmbedded && !second.hasEmbedded)
    #expect(first.scores == alone.scores && second.scores == alone.scores)
    // Another model or length has other embeddings.
    #expect(try prepared(memory, model: "other").hasEmbedded)
    let short = try prepared(memory, length: 12)
    #expect(short.hasEmbedded && short.scores != alone.scores)
    #expect(try short.scores == prepared(nil, length: 12).scores)
  }
}
