package import Options
import Ranking
import Synchronization

extension ReminingOptions {
  /// The hardest of a query's candidates, by number, hardest first: those with the highest scores
  /// that are not suspiciously near the best of the positives, as a relevant document without a
  /// judgment would be (the positive-aware filter of NV-Retriever, de Souza et al. 2024, for scores
  /// of either sign). All candidates where none is left: a query whose positives the model does not
  /// know yet is still to be learned from.
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

/// What the model thinks of the training queries' documents, from time to time while it learns.
///
/// Epochs fall into rounds of `options.epochs`. In the first, candidates are drawn as they come;
/// before each later one all are scored by the model as it is then, and lists are drawn from the
/// hardest.
package final class Remining: Sendable {
  package let options: ReminingOptions
  /// The pairs that are scored: the positives of a query, then its candidates, query by query.
  package let pairs: [(query: Int, document: Int)]
  private let current = Mutex<(round: Int, scores: [Float])>((0, []))

  package init(_ options: ReminingOptions, _ pairs: [(query: Int, document: Int)]) {
    self.options = options
    self.pairs = pairs
  }

  /// The round that an epoch belongs to, from 0.
  package func round(ofEpoch epoch: Int) -> Int { epoch / options.epochs }

  /// The round whose scores are known; 0 before any are.
  package var round: Int { current.withLock { $0.round } }

  /// The scores of that round; none in round 0.
  package var scores: [Float] { current.withLock { $0.scores } }

  /// Whether an epoch's lists can be drawn.
  package func isReady(forEpoch epoch: Int) -> Bool { round(ofEpoch: epoch) == round }

  /// The scores that an epoch's lists are drawn by; nil in the first round.
  package func scores(forEpoch epoch: Int) -> [Float]? {
    precondition(isReady(forEpoch: epoch), "the candidates of epoch \(epoch) are not scored yet")
    return current.withLock { $0.round == 0 ? nil : $0.scores }
  }

  /// Takes the scores of a round.
  package func begin(round: Int, scores: [Float]) {
    precondition(scores.count == pairs.count, "\(scores.count) scores of \(pairs.count) pairs")
    current.withLock { $0 = (round, scores) }
  }
}
