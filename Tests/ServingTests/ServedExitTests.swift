import Batches
import Foundation
import ModelSupport
import Models
import Scoring
import Serving
import Testing

/// A server whose candidates leave at exits.
@Suite struct ServedExitTests {
  private static let plan = ExitPlan(
    head: .own, exits: [.init(after: 1, weight: 0.5), .init(after: 3, weight: 0.5)])
  private static let cascade = ExitCascade(
    [.init(layer: 1, share: 0.5, slope: 0.5), .init(layer: 3, share: 0.25, intercept: 0.1)],
    least: 3)

  private static func documents(_ query: Int, _ count: Int) -> [String] {
    (0..<count).map { i in
      TinyModel.text(words: 1 + (i * 37 + query) % 90, seed: UInt64(1000 * query + i + 1))
    }
  }

  private func served(_ longDocuments: LongDocuments = LongDocuments()) async throws -> ServedModel
  {
    try await ServedModel(
      TinyModel(layers: 5), maximumLength: 40, longDocuments: longDocuments, exits: Self.plan,
      cascade: Self.cascade)
  }

  private func scores(
    _ served: ServedModel, _ query: String, _ documents: [String]
  ) async throws -> [Float] {
    let body: [String: Any] = ["query": query, "texts": documents, "raw_scores": true]
    let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
    let answer = try await served.ask("POST", "/rerank", json: json)
    #expect(answer.status == 200, "\(answer.text)")
    let rows =
      try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]] ?? []
    var scores = [Float](repeating: .nan, count: documents.count)
    for row in rows {
      let index = try #require(row["index"] as? Int)
      scores[index] = try #require((row["score"] as? NSNumber)?.floatValue)
    }
    return scores
  }

  private func expected(
    _ served: ServedModel, _ query: String, _ documents: [String], _ long: LongDocuments
  ) -> [Float] {
    var tokens = PairTokens(served.model.tokenizer)
    let number = tokens.append(query: query)
    let pairs = documents.map { Pair(query: number, document: tokens.append(document: $0)) }
    return PairScorer(served.model, workers: 2).scores(
      of: pairs, in: tokens, maximumLength: served.maximumLength, longDocuments: long,
      cascade: Self.cascade
    ).scores
  }

  /// Several requests at a time get the scores of a reranked run, whichever stage the others are in.
  @Test(arguments: [LongDocuments(), LongDocuments(.max, overlap: 4, mostPassages: 4)])
  func scores(_ long: LongDocuments) async throws {
    let served = try await served(long)
    let requests = [40, 3, 17, 1, 25, 60].enumerated().map { number, count in
      (TinyModel.text(words: 3, seed: UInt64(number)), Self.documents(number, count))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (query, documents) in requests + requests {
        group.addTask {
          let found = try await scores(served, query, documents)
          let wanted = expected(served, query, documents, long)
          for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-5, "\(a) for \(b)") }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await served.metric("ltr_queue_documents") == 0)
    await served.server.stop()
  }

  /// Pairs with queries of their own are no candidates of one query: nobody leaves.
  @Test func pairs() async throws {
    let served = try await served()
    let texts = Self.documents(1, 12)
    let pairs = texts.map { [TinyModel.text(words: 3, seed: 9), $0] }
    let body: [String: Any] = ["text_1": pairs.map { $0[0] }, "text_2": texts]
    let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
    let answer = try await served.ask("POST", "/score", json: json)
    #expect(answer.status == 200, "\(answer.text)")
    let rows = try #require(answer.json["data"] as? [[String: Any]])
    let wanted = served.scores(TinyModel.text(words: 3, seed: 9), texts)
    #expect(rows.count == texts.count)
    for row in rows {
      let index = try #require(row["index"] as? Int)
      let score = try #require((row["score"] as? NSNumber)?.floatValue)
      // A probability, which a cut candidate would not have.
      #expect(
        abs(score - 1 / (1 + exp(-wanted[index]))) < 1e-5 || abs(score - wanted[index]) < 1e-5)
    }
    await served.server.stop()
  }
}
