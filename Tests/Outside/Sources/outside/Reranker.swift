import Autodiff
import Batches
import Lists
import ModelFiles
import Models
import Options
import Ranking
import Scoring
import Training

/// A cross-encoder that learns from one query with three documents.
struct Reranker {
  let model: CrossEncoder
  private let texts: PairTokens
  private let query: Int
  private let documents: [Int]
  private let labels: [Double] = [0, 2, 1]

  /// Loads a model from a Hugging Face directory or an archive; a missing score head starts from random
  /// numbers.
  init(_ path: String) throws {
    model = try CrossEncoder(ModelSource(path), seed: 1)
    var texts = PairTokens(model.tokenizer)
    query = texts.append(query: "how do I empty the trash?")
    documents = [
      "Boil the water for ten minutes.", "Open the trash and choose Empty.",
      "The trash keeps files for thirty days.",
    ].map { texts.append(document: $0) }
    self.texts = texts
  }

  /// The scores of the documents, raw logits.
  func scores() -> [Float] {
    let pairs = documents.map { Pair(query: query, document: $0) }
    return PairScorer(model).scores(of: pairs, in: texts, maximumLength: 64)
  }

  /// nDCG@3 of the order that the scores give.
  func quality() throws -> Double {
    let grades = zip(scores(), labels).sorted { $0.0 > $1.0 }.map { Optional($0.1) }
    let ranked = RankedQuery(ranked: grades, judged: labels)
    return try Measure(parsing: "nDCG@3").value(of: ranked)
  }

  /// Trains on the list and returns the loss of every step.
  func train(steps: Int) throws -> [Double] {
    let step = TrainingStep(model, AdamWOptions(), StepOptions())
    let loss = try Loss("softmax")
    let list = TrainingList(query: query, documents: documents, labels: labels)
    var batch = step.emptyBatch
    return (1...steps).map { number in
      batch.fill([list], from: texts, maximumLength: 64)
      let value = step.accumulate(batch, loss, dropout: nil)
      _ = step.apply(count: number, rate: 1e-4)
      return value
    }
  }
}
