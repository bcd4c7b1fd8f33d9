import Foundation
import ModelSupport
import TestSupport
import Testing

/// Requests that real clients made (`Fixtures/README.md`), and what each of them reads in responses.
@Suite struct RecordedTests {
  /// One request.
  struct Recorded: Decodable, CustomTestStringConvertible {
    let client: String
    let call: String
    let path: String
    let type: String?
    let body: String

    var testDescription: String { "\(client): \(call)" }

    /// The members of the body.
    var members: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }

    /// The texts, objects by the field that is named.
    var texts: [String] {
      let list = members["documents"] as? [Any] ?? members["texts"] as? [Any] ?? []
      let field = (members["rank_fields"] as? [String])?.first ?? "text"
      return list.compactMap { $0 as? String ?? ($0 as? [String: String])?[field] }
    }

    /// The shape by the documents' names in the table of Documentation/Serving.md.
    var shape: String {
      if members["property"] != nil { return "weaviate" }
      if members["texts"] != nil { return "tei" }
      if members["raw_scores"] != nil { return "infinity" }
      return path == "/rerank" ? "vllm" : "cohere"
    }
  }

  private static let file = Material.package.appending(
    path: "Tests/ServingTests/Fixtures/requests.jsonl")

  static var requests: [Recorded] {
    let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
    return lines.compactMap { try? JSONDecoder().decode(Recorded.self, from: Data($0.utf8)) }
  }

  private func send(
    _ recorded: Recorded, _ served: ServedModel, body: String? = nil
  ) async throws -> LoopbackClient.Answer {
    try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send(
        "POST", recorded.path, headers: recorded.type.map { ["Content-Type": $0] } ?? [:],
        body: Data((body ?? recorded.body).utf8))
      return try client.answer()
    }
  }

  @Test func allAreThere() {
    #expect(Self.requests.count == 27)
    #expect(
      Set(Self.requests.map(\.shape)) == ["weaviate", "tei", "infinity", "vllm", "cohere"])
  }

  /// Order, scores and texts, where the client reads them.
  @Test(arguments: requests) func answers(_ recorded: Recorded) async throws {
    let served = try await ServedModel()
    let query = try #require(recorded.members["query"] as? String)
    let texts = recorded.texts
    let logits = served.scores(query, texts)
    let most = recorded.members["top_n"] as? Int ?? texts.count
    let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }.prefix(most)
    let answer = try await send(recorded, served)
    #expect(answer.status == 200, "\(answer.text)")
    let list: [[String: Any]]
    let score: String
    switch recorded.shape {
    case "weaviate":
      let scores = try #require(answer.json["scores"] as? [[String: Any]])
      #expect(scores.map { $0["document"] as? String } == texts)
      for (found, logit) in zip(scores, logits) { expect(found["score"], logit) }
      #expect(answer.json["query"] as? String == query && answer.json["error"] == nil)
      await served.server.stop()
      return
    case "tei": (list, score) = (answer.list, "score")
    default:
      list = try #require(answer.json["results"] as? [[String: Any]])
      score = "relevance_score"
      let usage = try #require(answer.json["usage"] as? [String: Int])
      #expect(usage["total_tokens"] == usage["prompt_tokens"])
      #expect((answer.json["id"] as? String)?.isEmpty == false)
      let name = recorded.shape == "cohere" ? "list" : "rerank"
      #expect(answer.json["object"] as? String == name)
      #expect(
        answer.json["model"] as? String == recorded.members["model"] as? String ?? "tiny")
      #expect(meta(answer)["warnings"] == nil, "no key is unknown")
    }
    #expect(list.map { $0["index"] as? Int } == Array(order))
    let wanted =
      (recorded.members["return_documents"] ?? recorded.members["return_text"]) as? Bool
    for result in list {
      let index = try #require(result["index"] as? Int)
      expect(result[score], logits[index])
      let text: String?
      switch recorded.shape {
      case "tei": text = result["text"] as? String
      case "infinity": text = result["document"] as? String
      default: text = (result["document"] as? [String: String])?["text"]
      }
      let isThere = wanted ?? (recorded.shape == "vllm")
      #expect(text == (isThere ? texts[index] : nil))
    }
    await served.server.stop()
  }

  private func expect(_ score: Any?, _ logit: Float) {
    #expect(abs((score as? Double ?? .nan) - 1 / (1 + exp(-Double(logit)))) < 1e-5)
  }

  /// What is wrong, where the client reads it.
  @Test(arguments: requests) func refusals(_ recorded: Recorded) async throws {
    let served = try await ServedModel()
    let query = try #require(recorded.members["query"] as? String)
    let body = recorded.body.replacing("\"\(query)\"", with: "\"\"")
    #expect(body != recorded.body)
    let answer = try await send(recorded, served, body: body)
    let reason = "'query' is empty"
    #expect(answer.json["message"] as? String == reason)
    switch recorded.shape {
    case "weaviate":
      #expect(answer.status == 422 && answer.json["error"] as? String == reason)
    case "tei":
      #expect(answer.status == 400 && answer.json["error"] as? String == reason)
      #expect(answer.json["error_type"] as? String == "Empty")
    case "infinity":
      #expect(answer.status == 422)
      let detail = try #require((answer.json["detail"] as? [[String: Any]])?.first)
      #expect(detail["msg"] as? String == reason && detail["type"] is String)
      #expect(detail["loc"] is [String])
    default:
      #expect(answer.status == (recorded.shape == "vllm" ? 400 : 422))
      #expect(answer.json["detail"] as? String == reason)
      let error = try #require(answer.json["error"] as? [String: Any])
      #expect(error["message"] as? String == reason)
      #expect(error["code"] as? Int == answer.status)
    }
    await served.server.stop()
  }

  /// A request that says nothing but a query and documents is answered for all who may send it.
  @Test func bareRequests() async throws {
    let served = try await ServedModel()
    let json = try body(["query": "aa", "documents": ["ab ac", "ad", "ae af ag"]])
    let logits = served.scores("aa", ["ab ac", "ad", "ae af ag"])
    let answer = try await served.ask("POST", "/rerank", json: json)
    #expect(results(answer).map(\.index) == [0, 1, 2].sorted { logits[$0] > logits[$1] })
    #expect(answer.json["object"] as? String == "rerank" && answer.json["created"] is Int)
    let found = try #require(answer.json["results"] as? [[String: Any]])
    let texts = found.map { ($0["document"] as? [String: String])?["text"] }
    #expect(Set(texts) == ["ab ac", "ad", "ae af ag"])
    let scores = try #require(answer.json["scores"] as? [[String: Any]])
    #expect(scores.map { $0["document"] as? String } == ["ab ac", "ad", "ae af ag"])
    for (score, logit) in zip(scores, logits) { expect(score["score"], logit) }
    for path in ["/v1/rerank", "/reranking"] {
      #expect(try await served.ask("POST", path, json: json).json["scores"] == nil)
    }
    await served.server.stop()
    // Texts that come back twice need room twice.
    let full = try await ServedModel { $0.limits.bytesInMemory = 10_000 }
    let long = String(repeating: "ab ", count: 1500)
    for (members, status) in [(["model": "m"], 200), ([:], 413)] as [([String: String], Int)] {
      let answer = try await full.ask(
        "POST", "/rerank",
        json: body(["query": "aa", "documents": [long]].merging(members) { $1 }))
      #expect(answer.status == status)
    }
    await full.server.stop()
  }

  /// An option says which shape answers, whatever the keys say.
  @Test func forcedShapes() async throws {
    let litellm = try body([
      "model": "m", "query": "aa", "documents": ["ab", "ac"], "return_documents": true,
    ])
    for path in ["/rerank", "/v1/rerank"] {
      let infinity = try await ServedModel { $0.shape = "infinity" }
      let answer = try await infinity.ask("POST", path, json: litellm)
      let list = try #require(answer.json["results"] as? [[String: Any]])
      #expect(Set(list.map { $0["document"] as? String }) == ["ab", "ac"])
      let broken = try await infinity.ask("POST", path, json: "{")
      #expect(broken.json["detail"] is [Any])
      // What the guard of the connection refuses, before there is a body, is told so as well.
      let early = try await apart {
        let client = try LoopbackClient(port: infinity.port)
        try client.send("POST \(path) HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        return try client.answer()
      }
      #expect(early.status == 400 && early.json["detail"] is [Any], "\(early.text)")
      await infinity.server.stop()
    }
    let vllm = try await ServedModel { $0.shape = "vllm" }
    let raw = litellm.replacing("\"model\"", with: "\"raw_scores\": true, \"model\"")
    let answer = try await vllm.ask("POST", "/v2/rerank", json: raw)
    let list = try #require(answer.json["results"] as? [[String: Any]])
    #expect(list.allSatisfy { $0["document"] is [String: String] })
    #expect(try await vllm.ask("POST", "/v2/rerank", json: "{}").status == 400)
    await vllm.server.stop()
    let weaviate = try await ServedModel { $0.shape = "weaviate" }
    #expect(
      try await weaviate.ask("POST", "/v2/rerank", json: litellm).json["scores"] is [[String: Any]])
    await weaviate.server.stop()
  }

  /// llama.cpp's own test of what is refused.
  @Test(arguments: ["/rerank", "/reranking", "/v1/reranking"])
  func llamaRefusals(_ path: String) async throws {
    let served = try await ServedModel()
    for documents in ["[]", "null", "123", "[1, 2, 3]"] {
      let answer = try await served.ask(
        "POST", path, json: #"{"query": "a", "documents": \#(documents)}"#)
      #expect(answer.status == 400 && answer.json["error"] is [String: Any], "\(documents)")
    }
    await served.server.stop()
  }
}
