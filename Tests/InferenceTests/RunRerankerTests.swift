import Corpora
import Diagnostics
import Inference
import ModelFiles
import ModelSupport
import Models
import Ranking
import Scoring
import Testing

/// A run reordered by a model, without a command line.
@Suite struct RunRerankerTests {
  private let tiny: TinyCollection
  private let collection: Corpora.Collection
  private let run: Run
  private let scorer: PairScorer

  init() throws {
    tiny = try TinyCollection()
    collection = try Collection(opening: tiny.path)
    run = try Run(opening: tiny.dev)
    scorer = PairScorer(try CrossEncoder(ModelSource(TinyModel().written()), seed: 1), workers: 2)
  }

  private func rerank(
    _ run: Run, fusion: Fusion? = nil, pairsAtOnce: Int = 1024
  ) throws -> RunReranker.Result {
    try RunReranker(
      ListScorer(scorer, maximumLength: 24, pairsAtOnce: pairsAtOnce), fusion: fusion)(
        run, of: run.queries, in: collection)
  }

  @Test func allCandidatesAreThereByNewScores() throws {
    let result = try rerank(run)
    #expect(result.run.tag == "ltr" && result.run.queries == run.queries)
    for query in run.queries {
      let documents = result.run.documents(of: query)
      #expect(
        Set(documents.map(\.document)) == Set(run.documents(of: query).map(\.document)))
      #expect(documents.map(\.score) == documents.map(\.score).sorted(by: >))
    }
    #expect(result.equalScores.queries == 4 && result.equalScores.equal == 0)
    // 5 words of a query and some 23 of a document do not fit into 24 tokens.
    #expect(
      result.longDocuments.notes == [
        "40 of 40 pairs were truncated: over 24 tokens, or over the passage limit"
      ])
  }

  /// How many pairs are scored at once changes the last digits at most.
  @Test func chunksChangeNothing() throws {
    let (whole, parts) = (try rerank(run), try rerank(run, pairsAtOnce: 1))
    for query in run.queries {
      let scores = Dictionary(
        uniqueKeysWithValues: whole.run.documents(of: query).map { ($0.document, $0.score) })
      for entry in parts.run.documents(of: query) {
        #expect(abs((scores[entry.document] ?? .nan) - entry.score) < 1e-5)
      }
    }
  }

  @Test func theWholeWeightOfTheFirstStageKeepsItsOrder() throws {
    let result = try rerank(run, fusion: Fusion(weight: 1))
    #expect(result.run.tag == "ltr-fused")
    for query in run.queries {
      #expect(
        result.run.documents(of: query).map(\.document)
          == run.documents(of: query).map(\.document))
    }
  }

  @Test func documentsThatTheCollectionLacksAreLeftOut() throws {
    let found = [
      ScoredDocument(document: "d1", score: 2), ScoredDocument(document: "none", score: 1),
    ]
    let other = Run(
      [(query: "q8", documents: found), (query: "q9", documents: [])], tag: "t", from: "x.run")
    let result = try rerank(other)
    #expect(result.run.documents(of: "q8").map(\.document) == ["d1"])
    #expect(result.run.documents(of: "q9").isEmpty && result.run.contains(query: "q9"))
  }

  /// Only what is added to the model's scores has to be finite.
  @Test func firstStagesWithoutFiniteScoresCannotBeFused() throws {
    let found = [ScoredDocument(document: "d1", score: .infinity)]
    let other = Run([(query: "q8", documents: found)], tag: "t", from: "x.run")
    #expect(try rerank(other).run.count == 1)
    let failure = #expect(throws: Failure.self) { try rerank(other, fusion: Fusion(weight: 0.5)) }
    #expect(
      failure?.problem == "the first stage's score of document 'd1' for query 'q8' is inf")
  }
}
