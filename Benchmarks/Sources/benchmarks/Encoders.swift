import Autodiff
import Batches
import Corpora
import Diagnostics
import Lists
import ModelFiles
import Models
import Options
import Ranking
import Scoring
import Tokenization
import Training

/// Training, reranking and tokenization with an encoder on a collection, on every core.
struct Encoders {
  let model: CrossEncoder
  /// What the names of measurements begin with.
  private let name: String
  let collection: Corpora.Collection
  private let tokens: PairTokens
  private let pairs: [Pair]

  /// - Throws: `Failure` where model or collection cannot be read.
  init(model path: String, collection folder: String, name: String = "") throws(Failure) {
    self.name = name
    model = try CrossEncoder(try ModelSource(path), seed: 1)
    collection = try Collection(opening: folder)
    var tokens = PairTokens(model.tokenizer)
    var pairs: [Pair] = []
    for index in 0..<min(64, collection.documentCount) {
      let query = tokens.append(
        query: try collection.query(at: index % collection.queryCount).text)
      let document = tokens.append(document: try collection.document(at: index).content)
      pairs.append(Pair(query: query, document: document))
    }
    self.tokens = tokens
    self.pairs = pairs
  }

  /// A step on 64 pairs and the scores of 64 pairs, as shares of the rate of products of the
  /// precision. With `losses` these come after the step in 32 bits, as shares of its time.
  func measure(
    _ precision: Precision, rate: Double, losses: Bool
  ) throws(Failure) -> [Measurement] {
    var found: [Measurement] = []
    if precision != .int8 {
      let step = TrainingStep(model, AdamWOptions(), StepOptions(precision: precision))
      let loss = try Loss("softmax")
      let lists = stride(from: 0, to: pairs.count - 7, by: 8).map { start in
        TrainingList(
          query: pairs[start].query, documents: pairs[start..<start + 8].map(\.document),
          labels: [3, 2, 1, 0, 0, 0, 0, 0])
      }
      var batch = step.emptyBatch
      var operations = 0.0
      let seconds = shortestTime(rounds: 5) {
        let before = step.productOperations
        batch.fill(lists[...], from: tokens, maximumLength: 256)
        _ = step.accumulate(batch, loss, dropout: .init(seed: 1, step: 1))
        _ = step.apply(count: 1, rate: 0)
        operations = step.productOperations - before
      }
      found.append(
        Measurement(
          name: name + "training step \(precision.rawValue)", share: operations / seconds / rate))
      if precision == .f32, losses {
        found += try LossTimes.measure(stepSecondsPerPair: seconds / Double(pairs.count))
      }
    }
    let scorer = PairScorer(model, precision: precision)
    var operations = 0.0
    let seconds = shortestTime(rounds: 5) {
      let before = scorer.productOperations
      _ = scorer.scores(of: pairs, in: tokens, maximumLength: 256)
      operations = scorer.productOperations - before
    }
    found.append(
      Measurement(
        name: name + "reranking \(precision.rawValue)", share: operations / seconds / rate))
    return found
  }

  /// Tokenization of the collection on one core. What is possible is not known; the share is of one
  /// byte for every hundred floating-point operations of products on one core.
  func measureTokenization(rate: Double) throws(Failure) -> Measurement {
    var texts: [[UInt8]] = []
    for index in 0..<collection.documentCount {
      texts.append(Array(try collection.document(at: index).content.utf8))
    }
    let bytes = texts.reduce(0) { $0 + $1.count }
    var scratch = Tokenizer.Scratch()
    var ids: [Int32] = []
    let seconds = shortestTime {
      ids.removeAll(keepingCapacity: true)
      for text in texts { _ = model.tokenizer.tokenize(text.span, using: &scratch, into: &ids) }
    }
    return Measurement(name: "tokenization", share: Double(bytes) / seconds * 100 / rate)
  }
}
