import Batches
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing

/// Scores of documents in passages against passages that are written out as texts and scored one
/// by one. Every word of the tiny model is one token.
@Suite struct LongDocumentTests {
  private static let maximum = 24
  private static let specials = 3

  private let model: CrossEncoder
  private let scorer: PairScorer

  init() throws {
    model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    scorer = PairScorer(model, workers: 2)
  }

  private func scores(
    _ texts: [(query: String, document: String)], _ treatment: LongDocuments
  ) -> PassageScores {
    var tokens = PairTokens(model.tokenizer)
    let pairs = texts.map {
      Pair(query: tokens.append(query: $0.query), document: tokens.append(document: $0.document))
    }
    return scorer.scores(
      of: pairs, in: tokens, maximumLength: Self.maximum, longDocuments: treatment)
  }

  /// The scores of the passages of a document, each a text of its own.
  private func passages(
    _ query: String, _ document: String, room: Int, step: Int
  ) -> [Float] {
    let words = document.split(separator: " ")
    var starts: [Int] = []
    var start = 0
    while start + room < words.count {
      starts.append(start)
      start += step
    }
    starts.append(max(0, words.count - room))
    return starts.map { start in
      let text = words[start..<min(words.count, start + room)].joined(separator: " ")
      return scores([(query, text)], LongDocuments()).scores[0]
    }
  }

  @Test(arguments: [15, 16, 17, 18, 30, 31, 100], [nil, 0, 5, 1000])
  func equalPassagesByHand(words: Int, overlap: Int?) throws {
    let query = TinyModel.text(words: 5, seed: 3)
    let document = TinyModel.text(words: words, seed: UInt64(words))
    let room = Self.maximum - Self.specials - 5
    let step = room - min(overlap ?? room / 4, room / 2)
    let expected = passages(query, document, room: room, step: step)
    let sorted = expected.sorted(by: >)
    let mean = { (scores: ArraySlice<Float>) in scores.reduce(0, +) / Float(scores.count) }
    let aggregations: [(LongDocuments.Aggregation, Float)] = [
      (.max, sorted[0]), (.mean, mean(expected[...])), (.meanOfTop(1), sorted[0]),
      (.meanOfTop(3), mean(sorted.prefix(3))), (.meanOfTop(1000), mean(sorted[...])),
    ]
    for (aggregation, score) in aggregations {
      let found = scores([(query, document)], LongDocuments(aggregation, overlap: overlap))
      #expect(found.passages == [expected.count])
      #expect(found.isCut == [false] && found.cut == 0)
      #expect(found.split == (expected.count > 1 ? 1 : 0))
      // Sequences of other slices add up in another order.
      #expect(abs(found.scores[0] - score) < 1e-5, "\(aggregation) of \(words) words")
    }
    #expect(words <= room ? expected.count == 1 : expected.count > 1)
  }

  /// A document that fits has the same score whatever is done with long ones, and one that is cut
  /// has the score of its first passage.
  @Test func fittingAndCutDocuments() throws {
    let query = TinyModel.text(words: 5, seed: 3)
    let texts = (0..<40).map { (query, TinyModel.text(words: $0, seed: UInt64($0))) }
    let cut = scores(texts, LongDocuments())
    var tokens = PairTokens(model.tokenizer)
    let pairs = texts.map {
      Pair(query: tokens.append(query: $0), document: tokens.append(document: $1))
    }
    let plain = scorer.scores(of: pairs, in: tokens, maximumLength: Self.maximum)
    #expect(cut.scores == plain)
    #expect(cut.isCut == (0..<40).map { $0 > 16 })
    #expect(cut.cut == 23 && cut.split == 0)
    let best = scores(texts, LongDocuments(.max))
    #expect(best.cut == 0 && best.split == 23)
    for i in 0..<40 {
      #expect(
        i <= 16 ? abs(best.scores[i] - cut.scores[i]) < 1e-5 : best.scores[i] > cut.scores[i] - 1e-5
      )
    }
    let first = scores(texts, LongDocuments(.max, mostPassages: 1))
    #expect(first.cut == 23 && first.split == 0)
    for (a, b) in zip(first.scores, cut.scores) { #expect(abs(a - b) < 1e-5) }
  }

  /// A query that is long itself keeps half of the room, in every passage.
  @Test func longQueries() throws {
    let query = TinyModel.text(words: 60, seed: 8)
    let document = TinyModel.text(words: 50, seed: 9)
    // 21 tokens beside the special ones: of two long texts, the longer keeps the odd token.
    let found = scores([(query, document)], LongDocuments(.max, overlap: 2))
    let kept = query.split(separator: " ").prefix(11).joined(separator: " ")
    let expected = passages(kept, document, room: 10, step: 8)
    #expect(found.passages == [expected.count] && expected.count == 6)
    #expect(found.isCut == [true], "the query is not read as a whole")
    #expect(abs(found.scores[0] - (expected.max() ?? 0)) < 1e-5)
    // A long query with a short document leaves one passage.
    let short = scores([(query, "aa ab")], LongDocuments(.max))
    #expect(short.passages == [1] && short.isCut == [true])
    #expect(short.scores == scores([(query, "aa ab")], LongDocuments()).scores)
  }
}
