import Batches
import Foundation
import ModelSupport
import Scoring
import TestSupport
import Testing

/// The forms of requests and responses, over real connections.
@Suite struct ShapeTests {
  private static let query = TinyModel.text(words: 3, seed: 1)
  private static let documents = (0..<12).map { TinyModel.text(words: 2 + $0, seed: UInt64($0)) }

  private func sigmoid(_ x: Float) -> Double { 1 / (1 + exp(-Double(x))) }

  /// Indexes of scores, the best first.
  private func order(_ scores: [Float]) -> [Int] {
    scores.indices.sorted { scores[$0] > scores[$1] }
  }

  @Test(arguments: [1, 2]) func cohere(version: Int) async throws {
    let served = try await ServedModel()
    let scores = served.scores(Self.query, Self.documents)
    let documents: [Any] = Self.documents.enumerated().map {
      $0 % 2 == 0 ? $1 as Any : ["text": $1, "id": "d\($0)"] as Any
    }
    let answer = try await served.ask(
      "POST", "/v\(version)/rerank",
      json: body(["model": "rerank-v3", "query": Self.query, "documents": documents]))
    #expect(answer.status == 200)
    #expect(answer.headers["content-type"] == "application/json")
    let results = try #require(answer.json["results"] as? [[String: Any]])
    #expect(results.map { $0["index"] as? Int } == order(scores))
    for result in results {
      let index = try #require(result["index"] as? Int)
      let score = try #require(result["relevance_score"] as? Double)
      #expect(abs(score - sigmoid(scores[index])) < 1e-5)
      #expect(result["document"] == nil)
    }
    #expect(answer.json["model"] as? String == "rerank-v3")
    #expect((answer.json["id"] as? String)?.isEmpty == false)
    let meta = try #require(answer.json["meta"] as? [String: Any])
    #expect((meta["api_version"] as? [String: String]) == ["version": "\(version)"])
    #expect(meta["warnings"] == nil && meta["truncated_documents"] as? Int == 0)
    // Every word is a token, and three are put around each pair.
    let tokens = Self.documents.indices.reduce(0) { $0 + 3 + 3 + 2 + $1 }
    #expect((meta["tokens"] as? [String: Int]) == ["input_tokens": tokens])
    #expect((answer.json["usage"] as? [String: Int])?["total_tokens"] == tokens)
    await served.server.stop()
  }

  @Test func cohereWithTextsAndTop() async throws {
    let served = try await ServedModel()
    let scores = served.scores(Self.query, Self.documents)
    for (top, count) in [(1, 1), (5, 5), (500, 12)] {
      let answer = try await served.ask(
        "POST", "/v1/rerank",
        json: body([
          "query": Self.query, "documents": Self.documents, "top_n": top, "return_documents": true,
        ]))
      let results = try #require(answer.json["results"] as? [[String: Any]])
      #expect(results.map { $0["index"] as? Int } == Array(order(scores).prefix(count)))
      for result in results {
        let index = try #require(result["index"] as? Int)
        #expect(result["document"] as? [String: String] == ["text": Self.documents[index]])
      }
    }
    await served.server.stop()
  }

  /// Objects are read by the fields that are named, in their order, and come back whole.
  @Test(arguments: ["/v1/rerank", "/v2/rerank"]) func cohereWithFields(_ path: String) async throws
  {
    let served = try await ServedModel()
    let objects = (0..<6).map { number in
      [
        "title": TinyModel.text(words: 3, seed: UInt64(number)), "sub_Title": "ab ac",
        "text": TinyModel.text(words: 4, seed: UInt64(number + 50)),
      ]
    }
    let others: [String: Any] = ["id": 7, "tags": ["a"]]
    let documents: [Any] = objects.map { others.merging($0) { $1 } } + ["ad ae"]
    for (fields, read) in [
      (["title", "text", "title"], ["title", "text"]), (["sub_Title", "title"], nil),
      ([], ["text"]),
    ] as [([String], [String]?)] {
      let texts = objects.map { object in
        (read ?? fields).compactMap { object[$0] }.joined(separator: " ")
      }
      let scores = served.scores(Self.query, texts + ["ad ae"])
      let answer = try await served.ask(
        "POST", path,
        json: body([
          "query": Self.query, "documents": documents, "rank_fields": fields,
          "return_documents": true,
        ]))
      let results = try #require(answer.json["results"] as? [[String: Any]])
      #expect(results.map { $0["index"] as? Int } == order(scores))
      for result in results {
        let index = try #require(result["index"] as? Int)
        let score = try #require(result["relevance_score"] as? Double)
        #expect(abs(score - sigmoid(scores[index])) < 1e-5)
        let expected = index < objects.count ? objects[index] : ["text": "ad ae"]
        #expect(result["document"] as? [String: String] == expected)
      }
    }
    await served.server.stop()
  }

  /// Documents of the same score stay in the order that they came in.
  @Test func ties() async throws {
    let served = try await ServedModel(workers: 1)
    let documents = Array(repeating: ["ab ac", "ad"], count: 8).flatMap(\.self)
    let answer = try await served.ask(
      "POST", "/rerank",
      json: body(["query": "aa", "texts": documents, "raw_scores": true]))
    let ranked = try answer.list.map {
      (index: try #require($0["index"] as? Int), score: try #require($0["score"] as? Double))
    }
    #expect(Set(ranked.map(\.index)).count == 16)
    let pairs = zip(ranked, ranked.dropFirst())
    #expect(pairs.allSatisfy { ($1.score, $0.index) < ($0.score, $1.index) })
    #expect(pairs.contains { $0.score == $1.score })
    await served.server.stop()
  }

  @Test func inference() async throws {
    let served = try await ServedModel()
    let scores = served.scores(Self.query, Self.documents)
    for isRaw in [false, true] {
      let answer = try await served.ask(
        "POST", "/rerank",
        json: body([
          "query": Self.query, "texts": Self.documents, "raw_scores": isRaw, "return_text": isRaw,
        ]))
      #expect(answer.status == 200)
      let list = answer.list
      #expect(list.map { $0["index"] as? Int } == order(scores))
      for result in list {
        let index = try #require(result["index"] as? Int)
        let score = try #require(result["score"] as? Double)
        #expect(abs(score - (isRaw ? Double(scores[index]) : sigmoid(scores[index]))) < 1e-5)
        #expect(result["text"] as? String == (isRaw ? Self.documents[index] : nil))
      }
    }
    await served.server.stop()
  }

  /// Long documents are cut, and that is told wherever there is a place for it; where a request
  /// says so, it is a mistake.
  @Test func truncation() async throws {
    let served = try await ServedModel(maximumLength: 16)
    let documents = [2, 10, 11, 40].map { TinyModel.text(words: $0, seed: 9) }
    let scores = served.scores(Self.query, documents)
    let cohere = try await served.ask(
      "POST", "/v2/rerank", json: body(["query": Self.query, "documents": documents]))
    let meta = try #require(cohere.json["meta"] as? [String: Any])
    #expect(meta["truncated_documents"] as? Int == 2)
    #expect((meta["warnings"] as? [String])?.first?.hasPrefix("2 documents") == true)
    #expect(cohere.headers["x-truncated-documents"] == "2")
    let results = try #require(cohere.json["results"] as? [[String: Any]])
    for result in results {
      let index = try #require(result["index"] as? Int)
      let score = try #require(result["relevance_score"] as? Double)
      #expect(abs(score - sigmoid(scores[index])) < 1e-5)
    }
    let texts = try body(["query": Self.query, "texts": documents, "truncate": true])
    #expect(try await served.ask("POST", "/rerank", json: texts).list.count == 4)
    let refused = try await served.ask(
      "POST", "/rerank", json: texts.replacing("true", with: "false"))
    #expect(refused.status == 413)
    #expect(refused.json["error_type"] as? String == "Validation")
    #expect((refused.json["error"] as? String)?.contains("at most 16") == true)
    #expect(try await served.metric("ltr_truncated_documents_total") == 4)
    // A document may be cut before it is paired.
    let short = try await served.ask(
      "POST", "/v2/rerank",
      json: body(["query": Self.query, "documents": [documents[1]], "max_tokens_per_doc": 4]))
    let words = documents[1].split(separator: " ").prefix(4).joined(separator: " ")
    let score = try #require(
      (short.json["results"] as? [[String: Any]])?.first?["relevance_score"] as? Double)
    #expect(abs(score - sigmoid(served.scores(Self.query, [words])[0])) < 1e-5)
    #expect(short.headers["x-truncated-documents"] == "1")
    await served.server.stop()
  }

  /// Documents in passages have the scores that they have without a server.
  @Test func passages() async throws {
    let documents = (0..<30).map { TinyModel.text(words: $0 * 20, seed: UInt64($0)) }
    for aggregation in [LongDocuments.Aggregation.max, .mean, .meanOfTop(2)] {
      let treatment = LongDocuments(aggregation, overlap: 3, mostPassages: 50)
      let served = try await ServedModel(maximumLength: 16, longDocuments: treatment)
      var tokens = PairTokens(served.model.tokenizer)
      let query = tokens.append(query: Self.query)
      let pairs = documents.map { Pair(query: query, document: tokens.append(document: $0)) }
      let expected = PairScorer(served.model, workers: 1).scores(
        of: pairs, in: tokens, maximumLength: 16, longDocuments: treatment)
      let answer = try await served.ask(
        "POST", "/rerank",
        json: body(["query": Self.query, "texts": documents, "raw_scores": true]))
      #expect(answer.list.count == 30)
      for result in answer.list {
        let index = try #require(result["index"] as? Int)
        let score = try #require(result["score"] as? Double)
        #expect(abs(score - Double(expected.scores[index])) < 1e-5)
      }
      #expect(answer.headers["x-split-documents"] == "\(expected.split)")
      #expect(answer.headers["x-truncated-documents"] == "\(expected.cut)")
      #expect(expected.split == 29 && expected.cut > 0)
      await served.server.stop()
    }
  }
}
