import Autodiff
import Batches
import Foundation
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing

@Suite struct ScoringTests {
  private func pairs(_ model: CrossEncoder, count: Int) -> (PairTokens, [Pair]) {
    var tokens = PairTokens(model.tokenizer)
    var pairs: [Pair] = []
    for i in 0..<count {
      let query = tokens.append(query: TinyModel.text(words: 1 + i % 7, seed: UInt64(i)))
      let length = i % 9 == 0 ? 0 : (i * 37) % 90
      let document = tokens.append(
        document: TinyModel.text(words: length, seed: UInt64(1000 + i)))
      pairs.append(Pair(query: query, document: document))
    }
    return (tokens, pairs)
  }

  /// The order of pairs and the number of workers change nothing, and each pair's score is its own.
  @Test func scoresOfPairs() throws {
    let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    let (tokens, pairs) = pairs(model, count: 300)
    let scores = PairScorer(model, workers: 2).scores(of: pairs, in: tokens, maximumLength: 48)
    #expect(scores.count == 300 && scores.allSatisfy(\.isFinite))
    #expect(Set(scores).count > 250, "the model tells texts apart")
    for workers in [1, 3] {
      let scorer = PairScorer(model, workers: workers)
      #expect(scorer.workers == workers)
      #expect(scorer.scores(of: pairs, in: tokens, maximumLength: 48) == scores)
    }
    let order = pairs.indices.map { ($0 * 77) % 300 }
    let turned = PairScorer(model, workers: 2).scores(
      of: order.map { pairs[$0] }, in: tokens, maximumLength: 48)
    // Another order packs sequences of equal length in other slices: the same sums, other blocks.
    for (i, pair) in order.enumerated() { #expect(abs(turned[i] - scores[pair]) < 1e-5) }
    for i in [0, 9, 150, 299] {
      let alone = PairScorer(model, workers: 1).scores(
        of: [pairs[i]], in: tokens, maximumLength: 48)
      #expect(abs(alone[0] - scores[i]) < 1e-5)
    }
  }

  /// Products in fewer bits change scores a little, the same little every time; the bounds are a
  /// few times what was found (4e-3 and 2e-2 of scores that spread over more than 1).
  @Test(arguments: [(Precision.bf16, 0.02), (.int8, 0.1)])
  func precisions(_ precision: Precision, _ bound: Double) throws {
    let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    let (tokens, pairs) = pairs(model, count: 100)
    let exact = PairScorer(model, workers: 2).scores(of: pairs, in: tokens, maximumLength: 48)
    let spread = (exact.max() ?? 0) - (exact.min() ?? 0)
    let scorer = PairScorer(model, precision: precision, workers: 2)
    let scores = scorer.scores(of: pairs, in: tokens, maximumLength: 48)
    #expect(scores != exact)
    for (score, exact) in zip(scores, exact) {
      #expect(abs(Double(score - exact)) < bound * Double(spread))
    }
    let again = PairScorer(model, precision: precision, workers: 1)
    #expect(again.scores(of: pairs, in: tokens, maximumLength: 48) == scores)
  }

  @Test func progressAndReuse() throws {
    let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    let (tokens, pairs) = pairs(model, count: 200)
    let scorer = PairScorer(model, workers: 2)
    let seen = Seen()
    let scores = scorer.scores(of: pairs, in: tokens, maximumLength: 32) { done, total in
      seen.add(done, total)
    }
    let total = pairs.reduce(0) { $0 + tokens.length(of: $1, maximum: 32) }
    #expect(seen.largest == total && seen.totals == [total])
    #expect(scorer.productOperations > 0)
    #expect(scorer.scores(of: pairs, in: tokens, maximumLength: 32) == scores)
    #expect(scorer.scores(of: [], in: tokens, maximumLength: 32).isEmpty)
  }

  /// Several may ask one scorer at once; each gets its own scores.
  @Test func severalAtOnce() async throws {
    let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    let (tokens, pairs) = pairs(model, count: 120)
    let scorer = PairScorer(model, workers: 2)
    let parts = [Array(pairs[..<40]), Array(pairs[40..<50]), Array(pairs[50...])]
    let expected = parts.map { scorer.scores(of: $0, in: tokens, maximumLength: 48) }
    await withTaskGroup { group in
      for (part, expected) in zip(parts, expected) {
        group.addTask {
          for _ in 0..<30 {
            #expect(scorer.scores(of: part, in: tokens, maximumLength: 48) == expected)
          }
        }
      }
    }
  }

  @Test func embeddings() throws {
    let model = try BiEncoder(ModelSource(TinyModel().written()))
    var texts = TokenStore()
    for i in 0..<50 {
      // The first has no tokens, the last is longer than the limit.
      texts.append(TinyModel.text(words: i, seed: UInt64(i)), with: model.tokenizer)
    }
    let embedder = TextEmbedder(model, workers: 2)
    let embeddings = embedder.embeddings(of: texts, maximumLength: 32)
    #expect(embeddings.count == 50 && embeddings.width == 32)
    let cosines = embeddings.cosines(0..<50, with: embeddings)
    for i in 0..<50 {
      #expect(abs(cosines[i * 50 + i] - 1) < 1e-5, "row \(i) has length 1")
      for j in 0..<50 {
        #expect(abs(cosines[i * 50 + j]) <= 1.00001)
        #expect(abs(cosines[i * 50 + j] - embeddings.cosine(i, with: j, of: embeddings)) < 1e-5)
      }
    }
    let part = embeddings.cosines(3..<5, with: embeddings)
    for (a, b) in zip(part, cosines[150..<250]) { #expect(abs(a - b) < 1e-6) }
    let other = TextEmbedder(model, workers: 3).embeddings(of: texts, maximumLength: 32)
    for i in 0..<50 { #expect(abs(embeddings.cosine(i, with: i, of: other) - 1) < 1e-5) }
    let none = embedder.embeddings(of: TokenStore(), maximumLength: 32)
    #expect(none.count == 0)
  }
}

/// What a progress callback was told, from several threads.
private final class Seen: @unchecked Sendable {
  private let lock = NSLock()
  private(set) var largest = 0
  private(set) var totals: Set<Int> = []

  func add(_ done: Int, _ total: Int) {
    lock.withLock {
      largest = max(largest, done)
      totals.insert(total)
    }
  }
}
