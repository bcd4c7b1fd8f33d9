import Foundation
import ModelSupport
import TestSupport
import Testing

/// vLLM's `/score`, in its four spellings.
@Suite struct ScoreTests {
  private static let queries = (0..<9).map { TinyModel.text(words: 1 + $0 % 4, seed: UInt64($0)) }
  private static let texts = (0..<9).map { TinyModel.text(words: 2 + $0, seed: UInt64(50 + $0)) }

  private func sigmoid(_ x: Float) -> Double { 1 / (1 + exp(-Double(x))) }

  private func scores(_ answer: LoopbackClient.Answer) -> [Double] {
    let data = answer.json["data"] as? [[String: Any]] ?? []
    #expect(data.map { $0["index"] as? Int } == Array(data.indices))
    #expect(data.allSatisfy { $0["object"] as? String == "score" })
    return data.map { $0["score"] as? Double ?? .nan }
  }

  @Test(
    arguments: [
      ("text_1", "text_2"), ("queries", "documents"), ("queries", "items"), ("data_1", "data_2"),
    ], ["/score", "/v1/score", "/score/"])
  func spellings(_ names: (String, String), _ path: String) async throws {
    let served = try await ServedModel()
    let (left, right) = names
    let pairs: [(left: Any, right: Any, expected: [Float])] = [
      (Self.queries[0], Self.texts[0], served.scores(Self.queries[0], [Self.texts[0]])),
      (Self.queries[0], Self.texts, served.scores(Self.queries[0], Self.texts)),
      ([Self.queries[0]], Self.texts, served.scores(Self.queries[0], Self.texts)),
      (
        Self.queries, Self.texts,
        zip(Self.queries, Self.texts).flatMap { served.scores($0, [$1]) }
      ),
    ]
    for (first, second, expected) in pairs {
      let answer = try await served.ask(
        "POST", path, json: body(["model": "m", left: first, right: second]))
      #expect(answer.status == 200, "\(answer.text)")
      let found = scores(answer)
      #expect(found.count == expected.count)
      for (score, logit) in zip(found, expected) { #expect(abs(score - sigmoid(logit)) < 1e-5) }
      #expect(answer.json["object"] as? String == "list" && answer.json["model"] as? String == "m")
      #expect(answer.json["created"] is Int && answer.json["id"] is String)
      let usage = answer.json["usage"] as? [String: Int]
      #expect(usage?["prompt_tokens"] ?? 0 > 0 && usage?["total_tokens"] == usage?["prompt_tokens"])
    }
    await served.server.stop()
  }

  /// Documents in passages are read with their own query each.
  @Test func pairsInPassages() async throws {
    let served = try await ServedModel(maximumLength: 16, longDocuments: .init(.max, overlap: 2))
    let texts = (0..<40).map { TinyModel.text(words: 1 + $0 * 3, seed: UInt64($0)) }
    let queries = (0..<40).map { TinyModel.text(words: 1 + $0 % 5, seed: UInt64(90 + $0)) }
    let together = try await served.ask(
      "POST", "/score", json: body(["text_1": queries, "text_2": texts]))
    let found = scores(together)
    #expect(found.count == 40)
    for (number, score) in found.enumerated() {
      let alone = try await served.ask(
        "POST", "/score", json: body(["text_1": queries[number], "text_2": texts[number]]))
      #expect(abs(score - (scores(alone).first ?? .nan)) < 1e-5, "\(number)")
    }
    await served.server.stop()
  }

  /// The pairs that are truncated say so, on their own.
  @Test func truncatedPairs() async throws {
    let served = try await ServedModel(maximumLength: 16)
    let texts = [2, 40, 3, 41].map { TinyModel.text(words: $0, seed: 9) }
    let answer = try await served.ask(
      "POST", "/score", json: body(["queries": Self.queries[0], "documents": texts]))
    let data = try #require(answer.json["data"] as? [[String: Any]])
    #expect(data.map { $0["truncated"] as? Bool } == [nil, true, nil, true])
    #expect(answer.headers["x-truncated-documents"] == "2")
    await served.server.stop()
  }

  @Test func rawScoresAndTokens() async throws {
    let served = try await ServedModel()
    let expected = served.scores(Self.queries[0], Self.texts)
    for key in ["use_activation", "activation", "softmax"] {
      let answer = try await served.ask(
        "POST", "/score",
        json: body(["text_1": Self.queries[0], "text_2": Self.texts, key: false]))
      for (score, logit) in zip(scores(answer), expected) {
        #expect(abs(score - Double(logit)) < 1e-5, "\(key)")
      }
    }
    await served.server.stop()
  }

  @Test func mistakes() async throws {
    let served = try await ServedModel { $0.limits.documents = 5 }
    for (body, status, reason) in [
      (#"{"text_1": "a"}"#, 400, "expected 'queries' and 'documents', or "),
      (#"{"text_1": "a", "documents": ["b"]}"#, 400, "expected 'queries' and 'documents', or "),
      (#"{"text_1": ["a", "b"], "text_2": ["b"]}"#, 400, "'text_1' has 2 texts and 'text_2' has 1"),
      (#"{"text_1": [], "text_2": ["b"]}"#, 400, "'text_1' is empty"),
      (#"{"text_1": "a", "text_2": []}"#, 400, "'text_2' is empty"),
      (#"{"text_1": "a", "text_2": ["b", 3]}"#, 400, "'text_2[1]' is not a string"),
      (#"{"text_1": {"content": []}, "text_2": "b"}"#, 400, "'text_1' is not a list"),
      (#"{"text_1": ["a", " "], "text_2": ["b", "c"]}"#, 400, "'text_1' is empty"),
      (#"{"text_1": "a", "text_2": "b", "queries": "c"}"#, 400, "'queries' is wrong"),
      (#"{"text_1": "a", "text_2": "b", "top_n": 1}"#, 400, "'top_n' is wrong: all scores"),
      (
        #"{"text_1": "a", "text_2": "b", "truncate_prompt_tokens": 7}"#, 400,
        "truncated to 48 tokens"
      ),
      (#"{"text_1": "a", "text_2": ["1","2","3","4","5","6"]}"#, 413, "at most 5"),
      (#"{"text_1": ["1","2","3","4","5","6"], "text_2": "a"}"#, 413, "at most 5"),
    ] {
      let answer = try await served.ask("POST", "/score", json: body)
      #expect(answer.status == status, "\(body)")
      let error = try #require(answer.json["error"] as? [String: Any])
      #expect((error["message"] as? String)?.contains(reason) == true, "\(body): \(answer.text)")
      #expect(
        error["code"] as? Int == status && error["type"] as? String == "invalid_request_error")
    }
    await served.server.stop()
  }
}
