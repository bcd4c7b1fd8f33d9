import Batches
import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing

/// Lists of documents that are scored some at a time.
@Suite struct ListScorerTests {
  private let scorer: PairScorer

  init() throws {
    scorer = PairScorer(try CrossEncoder(ModelSource(TinyModel().written()), seed: 1), workers: 2)
  }

  private struct List {
    let query: String
    let documents: [String]

    /// A list of 0, 1 or 2 documents, in turn; some are those of an earlier list.
    init(_ number: Int) {
      query = TinyModel.text(words: 3, seed: UInt64(number))
      documents = (0..<number % 3).map { place in
        TinyModel.text(words: 5 + place, seed: UInt64(number % 4 + place))
      }
    }
  }

  private let lists = (0..<10).map { List($0) }

  private func scores(
    pairsAtOnce: Int
  ) throws -> (lists: [[Float]], chunks: [Int], texts: Int) {
    let scoring = ListScorer(scorer, maximumLength: 24, pairsAtOnce: pairsAtOnce)
    var (next, texts) = (0, 0)
    var (found, chunks): ([[Float]], [Int]) = ([], [])
    try scoring.score { chunk throws(Failure) in
      guard next < lists.count else { return false }
      chunk.append(query: lists[next].query)
      for document in lists[next].documents {
        try chunk.append(document: document) { () throws(Failure) in
          texts += 1
          return document
        }
      }
      next += 1
      return true
    } scored: { scores, places throws(Failure) in
      chunks.append(places.count)
      found += places.map { Array(scores.scores[$0]) }
    }
    return (found, chunks, texts)
  }

  /// What is scored at once decides how sequences share products, and so the last digits.
  @Test func scoresAreThoseOfThePairs() throws {
    let whole = try scores(pairsAtOnce: 1024)
    #expect(whole.chunks == [10] && whole.lists.map(\.count) == lists.map(\.documents.count))
    for (list, found) in zip(lists, whole.lists) {
      var tokens = PairTokens(scorer.model.tokenizer)
      let query = tokens.append(query: list.query)
      let pairs = list.documents.map { Pair(query: query, document: tokens.append(document: $0)) }
      let expected = scorer.scores(of: pairs, in: tokens, maximumLength: 24)
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
    }
  }

  /// A chunk ends with the list that fills it; one without documents fills nothing.
  @Test func chunksEndWithAWholeList() throws {
    let parts = try scores(pairsAtOnce: 2)
    #expect(parts.chunks == [3, 3, 3, 1])
    #expect(parts.lists.map(\.count) == lists.map(\.documents.count))
    let whole = try scores(pairsAtOnce: 1024)
    for (a, b) in zip(parts.lists.joined(), whole.lists.joined()) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func aTextIsReadOnceAChunk() throws {
    let distinct = Set(lists.flatMap(\.documents)).count
    #expect(try scores(pairsAtOnce: 1024).texts == distinct)
    #expect(distinct < lists.reduce(0) { $0 + $1.documents.count })
  }

  @Test func noListsAreNotScored() throws {
    try ListScorer(scorer, maximumLength: 24).score { _ throws(Failure) in
      false
    } scored: { _, _ throws(Failure) in
      Issue.record("there is nothing to score")
    }
  }

  @Test func longDocumentsAreCounted() {
    var count = LongDocumentCount(maximumLength: 9)
    #expect(count.notes.isEmpty)
    var scores = PassageScores()
    (scores.scores, scores.passages, scores.isCut) = ([1, 2, 3], [1, 4, 1], [false, true, true])
    count.add(scores)
    #expect(
      count.notes == [
        "1 of 3 documents were split into passages of 9 tokens with the query",
        "2 of 3 pairs were truncated: over 9 tokens, or over the passage limit",
      ])
  }
}
