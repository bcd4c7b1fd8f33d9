import Batches
import Foundation
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing

@Suite struct ContinuousScorerTests {
  /// Texts that come in slices of any size have the scores they have all together.
  @Test(arguments: [1, 3])
  func sameScores(workers: Int) async throws {
    let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    let documents = (0..<200).map { TinyModel.text(words: $0 * 37 % 50, seed: UInt64($0)) }
    let query = TinyModel.text(words: 4, seed: 7)
    var tokens = PairTokens(model.tokenizer)
    let number = tokens.append(query: query)
    let pairs = documents.map { Pair(query: number, document: tokens.append(document: $0)) }
    let expected = PairScorer(model, workers: 2).scores(of: pairs, in: tokens, maximumLength: 64)

    let shared = Shared(count: documents.count)
    let scorer = ContinuousScorer<Int>(
      model, workers: workers,
      fill: { slice in
        guard let taken = shared.take() else { return false }
        for document in taken {
          slice.append(
            document, query: slice.tokenize(query, as: .query)[...],
            text: slice.tokenize(documents[document], as: .document)[...])
        }
        #expect(slice.members == Array(taken))
        return true
      }, deliver: shared.note)
    #expect(scorer.workers == workers)
    let found = shared.finished()
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
  }
}

/// Hands out numbers in groups of none to six, and gathers their scores.
private final class Shared: @unchecked Sendable {
  private let condition = NSCondition()
  private var next = 0
  private var size = 0
  private var left: Int
  private var scores: [Float]

  init(count: Int) {
    left = count
    scores = [Float](repeating: .nan, count: count)
  }

  func take() -> Range<Int>? {
    condition.withLock {
      guard next < scores.count else { return nil }
      size = (size + 1) % 7
      let taken = next..<min(scores.count, next + size)
      next = taken.upperBound
      return taken
    }
  }

  @Sendable func note(_ members: [Int], _ values: [Float]) {
    condition.withLock {
      for (member, value) in zip(members, values) { scores[member] = value }
      left -= members.count
      condition.broadcast()
    }
  }

  func finished() -> [Float] {
    condition.withLock {
      while left > 0 { condition.wait() }
      return scores
    }
  }
}
