import Batches
import CollectiveSupport
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing

/// Ranks that divide what is scored.
@Suite struct RankScoringTests {
  /// All ranks get all scores, with the bits they have where one scores alone: the slices are the
  /// same, whichever rank takes them. There may be more ranks than slices.
  @Test(arguments: [1, 2, 3, 5], [3, 200])
  func sameScores(_ count: Int, _ pairCount: Int) throws {
    let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    var tokens = PairTokens(model.tokenizer)
    let query = tokens.append(query: TinyModel.text(words: 4, seed: 7))
    let pairs = (0..<pairCount).map { i in
      let text = TinyModel.text(words: i * 37 % 60, seed: UInt64(i))
      return Pair(query: query, document: tokens.append(document: text))
    }
    let expected = PairScorer(model, workers: 2).scores(of: pairs, in: tokens, maximumLength: 48)
    let long = LongDocuments(.max)
    let passages = PairScorer(model, workers: 2).scores(
      of: pairs, in: tokens, maximumLength: 16, longDocuments: long)
    #expect(Set(expected).count > pairCount / 2)
    let found = try ranks(count) { [tokens] collective in
      let scorer = PairScorer(model, reduced: nil, workers: 1, collective: collective)
      return (
        scorer.scores(of: pairs, in: tokens, maximumLength: 48),
        scorer.scores(of: pairs, in: tokens, maximumLength: 16, longDocuments: long).scores
      )
    }
    for rank in found { #expect(rank.0 == expected && rank.1 == passages.scores) }
  }
}
