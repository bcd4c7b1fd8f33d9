package import Options
import Ranking
import Synchronization

extension ReminingOptions {
  /// The hardest of a query's candidates, by index, hardest first: those with the highest scores
  /// that are not suspiciously close to the best positive's, as an unjudged relevant document would
  /// be (the positive-aware filter of NV-Retriever, de Souza et al. 2024, for scores of either
  /// sign). All candidates if none is left, so that a query whose positives the model does not rank
  /// well yet still trains it.
  package func chosen(positives: some Collection<Float>, candidates: [Float]) -> [Int] {
    let margins = Margins(relative: relativeMargin)
    let best = positives.max()
    let below = candidates.indices.filter { i in
      guard !candidates[i].isNaN else { return false }
      return best.map { margins.broken(by: candidates[i], positive: $0) == nil } ?? true
    }
    if below.isEmpty { return Array(candidates.indices) }
    let hardest = below.sorted {
      candidates[$0] != candidates[$1] ? candidates[$0] > candidates[$1] : $0 < $1
    }
    return Array(hardest.prefix(self.hardest))
  }
}

/// The model's scores of the training queries' documents, recomputed periodically during training.
///
/// Epochs are grouped into rounds of `options.epochs`. In the first round, candidates are drawn
/// without regard to scores; before each later one the current model scores all candidates, and
/// lists are drawn from the hardest.
package final class Remining: Sendable {
  package let options: ReminingOptions
  /// The scored pairs: the positives of a query, then its candidates, query by query.
  package let pairs: [(query: Int, document: Int)]
  private let current = Mutex<(round: Int, scores: [Float])>((0, []))

  package init(_ options: ReminingOptions, _ pairs: [(query: Int, document: Int)]) {
    self.options = options
    self.pairs = pairs
  }

  /// The round of an epoch, from 0.
  package func round(ofEpoch epoch: Int) -> Int { epoch / options.epochs }

  /// The round of the current scores; 0 before the first scores.
  package var round: Int { current.withLock { $0.round } }

  /// The scores of that round; empty in round 0.
  package var scores: [Float] { current.withLock { $0.scores } }

  /// Whether the scores for an epoch's lists are available.
  package func isReady(forEpoch epoch: Int) -> Bool { round(ofEpoch: epoch) == round }

  /// The scores for an epoch's lists; nil in the first round.
  package func scores(forEpoch epoch: Int) -> [Float]? {
    precondition(isReady(forEpoch: epoch), "the candidates of epoch \(epoch) are not scored yet")
    return current.withLock { $0.round == 0 ? nil : $0.scores }
  }

  /// Sets the scores of a round.
  package func begin(round: Int, scores: [Float]) {
    precondition(scores.count == pairs.count, "\(scores.count) scores of \(pairs.count) pairs")
    current.withLock { $0 = (round, scores) }
  }
}
