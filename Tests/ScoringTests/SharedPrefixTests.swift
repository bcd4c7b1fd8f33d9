import Autodiff
import Batches
import CAllocations
import Foundation
import ModelSupport
import Models
import Scoring
import Tensors
import Testing
import Tokenization

/// Scorers of decoders compute what the pairs of a query begin with once.
@Suite struct SharedPrefixTests {
  /// Queries with none, one and many documents, some without tokens, some truncated: each score is
  /// that of the pair by itself, and does not depend on the number of workers.
  @Test(arguments: [40, 128])
  func scores(_ maximumLength: Int) throws {
    var given = try DecoderPairs()
    given.add(queries: 9) { [12, 1, 0, 40, 2, 7, 1, 1, 30][$0] }
    let alone = given.alone(maximumLength: maximumLength)
    let scores = PairScorer(given.model, workers: 2).scores(
      of: given.pairs, in: given.tokens, maximumLength: maximumLength)
    // The sums of products of other heights are added up in another order.
    for (a, b) in zip(scores, alone) { #expect(abs(a - b) < 1e-5) }
    #expect(Set(scores).count > 60)
    for workers in [1, 3] {
      let scorer = PairScorer(given.model, workers: workers)
      #expect(
        scorer.scores(of: given.pairs, in: given.tokens, maximumLength: maximumLength) == scores)
    }
    // Other pairs between those of a query change nothing but the order of sums.
    let order = given.pairs.indices.map { ($0 * 41) % given.pairs.count }
    let turned = PairScorer(given.model, workers: 2).scores(
      of: order.map { given.pairs[$0] }, in: given.tokens, maximumLength: maximumLength)
    for (i, pair) in order.enumerated() { #expect(abs(turned[i] - scores[pair]) < 1e-5) }
  }

  @Test(arguments: [(Precision.bf16, 0.02), (.int8, 0.05)])
  func precisions(_ precision: Precision, _ bound: Double) throws {
    var given = try DecoderPairs()
    given.add(queries: 4) { [20, 1, 11, 9][$0] }
    let exact = given.alone(maximumLength: 128)
    let spread = (exact.max() ?? 0) - (exact.min() ?? 0)
    let scorer = PairScorer(given.model, precision: precision, workers: 2)
    let scores = scorer.scores(of: given.pairs, in: given.tokens, maximumLength: 128)
    for (score, exact) in zip(scores, exact) {
      #expect(abs(Double(score - exact)) < bound * Double(spread))
    }
    let again = PairScorer(given.model, precision: precision, workers: 1)
    #expect(again.scores(of: given.pairs, in: given.tokens, maximumLength: 128) == scores)
  }

  /// The work follows the tokens that differ, and progress those of the pairs.
  @Test func workAndProgress() throws {
    func operations(_ prompt: String) throws -> (perToken: Double, done: Int, total: Int) {
      var given = try DecoderPairs(prompt: prompt)
      given.add(queries: 3) { _ in 40 }
      let scorer = PairScorer(given.model, workers: 1)
      let last = Last()
      _ = scorer.scores(of: given.pairs, in: given.tokens, maximumLength: 128) { done, _ in
        last.value = done
      }
      let total = given.length(maximumLength: 128)
      return (scorer.productOperations / Double(total), last.value, total)
    }
    let queryFirst = try operations(
      "a long text about what follows, and what it is for: {query} and the rest: {document}")
    let queryLast = try operations(
      "{document} a long text about what follows, and what it is for: {query} and the rest:")
    #expect(queryFirst.done == queryFirst.total && queryLast.done == queryLast.total)
    #expect(queryFirst.perToken < 0.75 * queryLast.perToken)
  }

  /// Passages of long documents share what is before the document as well.
  @Test func passages() throws {
    var given = try DecoderPairs()
    given.add(queries: 3) { [20, 1, 9][$0] }
    let long = LongDocuments(.max, overlap: 4, mostPassages: 8)
    let scores = PairScorer(given.model, workers: 2).scores(
      of: given.pairs, in: given.tokens, maximumLength: 48, longDocuments: long)
    #expect(scores.split > 5)
    // A pair with one passage has the score of the pair.
    let alone = given.alone(maximumLength: 48)
    for (pair, score) in scores.scores.enumerated() where scores.passages[pair] == 1 {
      #expect(abs(score - alone[pair]) < 1e-5)
    }
    let one = PairScorer(given.model, workers: 1).scores(
      of: given.pairs, in: given.tokens, maximumLength: 48, longDocuments: long)
    #expect(one.scores == scores.scores)
  }

  /// Keys and values of items are gathered as wholes: short documents of a long query are divided by
  /// that, although next to nothing is computed for each.
  @Test func slicesAreBoundedByWholeItems() {
    let lengths = [Int](repeating: 502, count: 400) + [Int](repeating: 600, count: 100)
    let prefixes = ItemPrefixes(
      groups: [Int](repeating: 0, count: 400) + [Int](repeating: 1, count: 100),
      units: [Int](repeating: 500, count: 400) + [Int](repeating: 0, count: 100))
    let plan = SlicePlan(lengths, prefixes, most: 512)
    #expect(plan.order.sorted() == Array(lengths.indices))
    let whole = plan.slices.map { slice in slice.reduce(0) { $0 + lengths[plan.order[$1]] } }
    #expect(whole.allSatisfy { $0 <= 16 * 2048 }, "\(whole.max() ?? 0)")
    #expect(whole.contains { $0 > 8 * 2048 }, "the start is shared by many")
  }

  /// A server's slices count what they compute.
  @Test func slices() throws {
    var given = try DecoderPairs()
    given.add(queries: 2) { [25, 25][$0] }
    let expected = given.alone(maximumLength: 128)
    let work = Work(given)
    let scorer = ContinuousScorer<Int>(
      given.model, workers: 2, fill: { work.fill(&$0) }, deliver: { work.deliver($0, $1) })
    let found = work.finished()
    #expect(scorer.workers == 2)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
    #expect(work.computed < 0.8 * Double(given.length(maximumLength: 128)))
  }

  #if !DEBUG
    /// Once warm, sharing takes no memory.
    @Test(.enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"))
    func steadySlicesAllocateNothing() async {
      await #expect(processExitsWith: .success) {
        var given = try DecoderPairs()
        given.add(queries: 3) { [9, 1, 14][$0] }
        var tape = Tape(given.model.parameters)
        var batch = PackedBatch()
        func round() {
          batch.removeAll()
          for (member, pair) in given.pairs.enumerated() {
            given.tokens.append(pair, maximum: 128, member: member, firstRow: 0, to: &batch)
          }
          given.model.sharePrefixes(of: &batch)
          tape.reset()
          _ = given.model.scores(batch, frozen: FrozenParts(), on: &tape)
        }
        for _ in 0..<3 { round() }
        #expect(!batch.prefixes.isEmpty)
        ltr_allocations_start()
        for _ in 0..<5 { round() }
        #expect(ltr_allocations_stop() == 0)
      }
    }
  #endif
}

/// The last number that a callback was given, from one thread.
private final class Last: @unchecked Sendable {
  var value = 0
}

/// Hands out pairs in slices, and gathers their scores.
private final class Work: @unchecked Sendable {
  private let condition = NSCondition()
  private let given: DecoderPairs
  private var next = 0
  private var found: [Float]
  private var left: Int
  private(set) var computed = 0.0

  init(_ given: DecoderPairs) {
    self.given = given
    left = given.pairs.count
    found = [Float](repeating: .nan, count: left)
  }

  func fill(_ slice: inout ScoringSlice<Int>) -> Bool {
    condition.withLock {
      while next < given.pairs.count, slice.tokensToCompute < ScoringSlice<Int>.size {
        let pair = given.pairs[next]
        let (queries, documents) = (given.tokens.queries, given.tokens.documents)
        let query = Array(queries.ids[queries.range(of: pair.query)])
        let document = Array(documents.ids[documents.range(of: pair.document)])
        let tokenizer = given.tokens.tokenizer
        let kept = tokenizer.keptInPair(
          query: query.count, text: document.count, maxLength: 128)
        slice.append(
          next, query: tokenizer.excerpt(0..<kept.query, of: query, as: .query),
          text: tokenizer.excerpt(0..<kept.text, of: document, as: .document))
        next += 1
      }
      computed += Double(slice.tokensToCompute)
      return !slice.members.isEmpty
    }
  }

  func deliver(_ members: [Int], _ scores: [Float]) {
    condition.withLock {
      for (member, score) in zip(members, scores) { found[member] = score }
      left -= members.count
      condition.broadcast()
    }
  }

  func finished() -> [Float] {
    condition.withLock {
      while left > 0 { condition.wait() }
      return found
    }
  }
}
