import Batches
import Foundation
import ModelSupport
import TestSupport
import Testing

/// Keys that clients send: each means something on every rerank route, or is refused.
@Suite struct KeyTests {
  private static let query = TinyModel.text(words: 3, seed: 1)
  private static let documents = (0..<6).map { TinyModel.text(words: 2 + $0, seed: UInt64($0)) }
  private static let paths = [
    "/rerank", "/v1/rerank", "/v2/rerank", "/reranking", "/v1/reranking",
  ]

  private func sigmoid(_ x: Float) -> Double { 1 / (1 + exp(-Double(x))) }

  private func request(_ name: String, _ members: [String: Any]) throws -> String {
    try body(["query": Self.query, name: Self.documents].merging(members) { $1 })
  }

  /// Indexes and scores, whatever the response is.
  private func ranking(_ answer: LoopbackClient.Answer) -> [(index: Int, score: Double)] {
    if !answer.list.isEmpty {
      return answer.list.map { ($0["index"] as? Int ?? -1, $0["score"] as? Double ?? .nan) }
    }
    return results(answer)
  }

  @Test(arguments: paths, ["documents", "texts"])
  func numberOfResults(_ path: String, _ name: String) async throws {
    let served = try await ServedModel()
    let scores = served.scores(Self.query, Self.documents)
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    for (keys, count) in [
      (["top_n": 2], 2), (["top_k": 3], 3), (["top_n": 4, "top_k": 4], 4), (["top_n": 99], 6),
      ([:], 6),
    ] as [([String: Int], Int)] {
      let answer = try await served.ask("POST", path, json: request(name, keys))
      #expect(ranking(answer).map(\.index) == Array(order.prefix(count)), "\(keys)")
    }
    for (keys, reason) in [
      (["top_n": 2, "top_k": 3], "'top_k' is wrong: it contradicts 'top_n'"),
      (["top_k": 0], "'top_k' is wrong: expected an integer above 0"),
      (["top_n": -1], "'top_n' is wrong"), (["top_k": "2"], "'top_k' is not an integer"),
      (["top_n": 1e300], "'top_n' is wrong"),
    ] as [([String: Any], String)] {
      let answer = try await served.ask("POST", path, json: request(name, keys))
      #expect(answer.status == 400 || answer.status == 422)
      let message = answer.json["message"] as? String
      #expect(message?.contains(reason) == true, "\(path) \(keys): \(answer.text)")
    }
    await served.server.stop()
  }

  @Test(arguments: paths, ["documents", "texts"])
  func rawScores(_ path: String, _ name: String) async throws {
    let served = try await ServedModel()
    let scores = served.scores(Self.query, Self.documents)
    for (keys, isRaw) in [
      (["raw_scores": true], true), (["raw_scores": false], false),
      (["use_activation": false], true), (["use_activation": true], false),
      (["activation": false], true), (["softmax": false], true), ([:], false),
      (["raw_scores": true, "use_activation": false], true),
    ] as [([String: Bool], Bool)] {
      let answer = try await served.ask("POST", path, json: request(name, keys))
      #expect(ranking(answer).count == 6)
      for (index, score) in ranking(answer) {
        let expected = isRaw ? Double(scores[index]) : sigmoid(scores[index])
        #expect(abs(score - expected) < 1e-5, "\(keys)")
      }
    }
    let answer = try await served.ask(
      "POST", path, json: request(name, ["raw_scores": true, "use_activation": true]))
    #expect((answer.json["message"] as? String)?.contains("contradicts 'use_activation'") == true)
    await served.server.stop()
  }

  @Test(arguments: paths, ["documents", "texts"])
  func textsComeBack(_ path: String, _ name: String) async throws {
    let served = try await ServedModel()
    for key in ["return_documents", "return_text"] {
      for wanted in [true, false] {
        let answer = try await served.ask("POST", path, json: request(name, [key: wanted]))
        let list = (answer.json["results"] as? [[String: Any]]) ?? answer.list
        #expect(list.count == 6)
        for result in list {
          let index = try #require(result["index"] as? Int)
          let document = result["document"] as? [String: String]
          let text = result["text"] as? String ?? document?["text"]
          #expect(text == (wanted ? Self.documents[index] : nil), "\(key)")
        }
      }
    }
    await served.server.stop()
  }

  /// What would change how texts are read is done, or refused by its name.
  @Test(arguments: paths, ["documents", "texts"])
  func reading(_ path: String, _ name: String) async throws {
    let served = try await ServedModel(maximumLength: 16)
    let long = TinyModel.text(words: 40, seed: 3)
    for keys in [
      ["truncate": true], ["truncation": true], ["truncation_direction": "Right"],
      ["truncation_direction": "right"], ["truncation_side": "right"],
      ["truncate_prompt_tokens": -1], ["truncate_prompt_tokens": 16], ["max_chunks_per_doc": 1],
      ["priority": 0], ["add_special_tokens": true], ["return_embeddings": false],
      ["instruction": NSNull()], ["max_tokens_per_doc": 4096],
      ["max_tokens_per_query": 16], ["user": "u", "request_id": "r"],
    ] as [[String: Any]] {
      let answer = try await served.ask(
        "POST", path, json: request(name, keys.merging([name: [long]]) { $1 }))
      #expect(answer.status == 200, "\(keys): \(answer.text)")
      #expect(answer.headers["x-truncated-documents"] == "1")
      #expect((meta(answer)["warnings"] as? [String] ?? []).allSatisfy { !$0.contains("unknown") })
    }
    let short = try await served.ask(
      "POST", path,
      json: request(name, [name: [long], "max_tokens_per_doc": 4, "raw_scores": true]))
    let start = long.split(separator: " ").prefix(4).joined(separator: " ")
    #expect(abs(ranking(short)[0].score - Double(served.scores(Self.query, [start])[0])) < 1e-5)
    for (keys, reason) in [
      (["truncate": false], "disables truncation"), (["truncation": false], "disables truncation"),
      (["truncate": true, "truncation": false], "'truncation' is wrong: it contradicts"),
      (["truncation_direction": "Left"], "'truncation_direction' is wrong"),
      (["truncation_side": "left"], "'truncation_side' is wrong"),
      (["truncate_prompt_tokens": 8], "'truncate_prompt_tokens' is wrong"),
      (["priority": 1], "'priority' is wrong"), (["instruction": "x"], "'instruction' is wrong"),
      (["add_special_tokens": false], "'add_special_tokens' is wrong"),
      (["return_embeddings": true], "'return_embeddings' is wrong"),
      (["chat_template": "x"], "'chat_template' is wrong"),
      (["mm_processor_kwargs": [:]], "'mm_processor_kwargs' is wrong"),
      (["max_tokens_per_doc": -1], "'max_tokens_per_doc' is wrong"),
      (["max_tokens_per_query": 8], "'max_tokens_per_query' is wrong"),
    ] as [([String: Any], String)] {
      let answer = try await served.ask(
        "POST", path, json: request(name, keys.merging([name: [long]]) { $1 }))
      #expect([400, 413, 422].contains(answer.status), "\(keys)")
      let message = answer.json["message"] as? String
      #expect(message?.contains(reason) == true, "\(path) \(keys): \(answer.text)")
    }
    await served.server.stop()
  }

  /// vLLM has zero for no limit, and its clients may send all of its defaults; elsewhere it is
  /// refused.
  @Test func zeroLimits() async throws {
    let served = try await ServedModel()
    let zeros = ["top_n": 0, "max_tokens_per_doc": 0, "max_tokens_per_query": 0]
    let all = try await served.ask("POST", "/rerank", json: request("documents", zeros))
    #expect(ranking(all).count == 6, "\(all.text)")
    let plain = try await served.ask("POST", "/rerank", json: request("documents", [:]))
    #expect(ranking(all).map(\.score) == ranking(plain).map(\.score))
    let pairs = try await served.ask(
      "POST", "/score",
      json: body([
        "text_1": Self.query, "text_2": Self.documents, "max_tokens_per_doc": 0,
        "max_tokens_per_query": 0,
      ]))
    #expect((pairs.json["data"] as? [Any])?.count == 6, "\(pairs.text)")
    for (key, value) in zeros {
      for (path, name) in [("/v2/rerank", "documents"), ("/rerank", "texts")] {
        let answer = try await served.ask("POST", path, json: request(name, [key: value]))
        #expect(answer.status == 422, "\(path) \(key)")
      }
    }
    await served.server.stop()
  }

  /// Fewer passages than the server makes are not to be had; as many, or more, are.
  @Test func passages() async throws {
    let served = try await ServedModel(longDocuments: LongDocuments(.max, mostPassages: 8))
    for (most, status) in [(7, 422), (8, 200), (10, 200)] {
      let answer = try await served.ask(
        "POST", "/v1/rerank", json: request("documents", ["max_chunks_per_doc": most]))
      #expect(answer.status == status)
    }
    await served.server.stop()
  }

  /// Fields of documents that have none.
  @Test func fieldsOfStrings() async throws {
    let served = try await ServedModel()
    for (documents, isWarned) in [
      (["ab", "ac"], true), (["ab", ["text": "ac"]], false),
    ] as [([Any], Bool)] {
      let answer = try await served.ask(
        "POST", "/v2/rerank",
        json: body(["query": "aa", "documents": documents, "rank_fields": ["text"]]))
      let warnings = meta(answer)["warnings"] as? [String] ?? []
      #expect(
        warnings == (isWarned ? ["'rank_fields' is ignored: no document is an object"] : []))
    }
    await served.server.stop()
  }

  @Test func documentsOrTexts() async throws {
    let served = try await ServedModel()
    for (members, reason) in [
      (["query": "a"], "is missing"),
      (["query": "a", "texts": ["b"], "documents": ["c"]], "cannot be combined with"),
      (["query": "a", "texts": ["b"], "rank_fields": ["c"]], "'rank_fields' is wrong"),
      (["query": "a", "texts": [["text": "b"]]], "'texts[0]' is not a string"),
    ] as [([String: Any], String)] {
      for path in Self.paths {
        let answer = try await served.ask("POST", path, json: body(members))
        #expect([400, 422].contains(answer.status))
        #expect((answer.json["message"] as? String)?.contains(reason) == true, "\(answer.text)")
      }
    }
    await served.server.stop()
  }
}
