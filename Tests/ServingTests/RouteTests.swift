import Foundation
import ModelSupport
import TestSupport
import Testing

/// What a server says of itself, and routes that others have.
@Suite struct RouteTests {
  private static let good = #"{"query": "aa", "documents": ["ab", "ac"]}"#

  @Test func models() async throws {
    let served = try await ServedModel()
    for path in ["/v1/models", "/models", "/models/"] {
      let answer = try await served.ask("GET", path)
      #expect(answer.json["object"] as? String == "list")
      let model = try #require((answer.json["data"] as? [[String: Any]])?.first)
      #expect(model["id"] as? String == "tiny" && model["object"] as? String == "model")
      #expect(model["max_model_len"] as? Int == 48)
      // What Infinity's client insists on.
      #expect(model["owned_by"] as? String == "infinity")
      #expect((model["stats"] as? [String: Any])?["queue_fraction"] as? Double == 0)
    }
    let info = try await served.ask("GET", "/info")
    #expect(info.json["model_id"] as? String == "tiny")
    #expect(info.json["model_dtype"] as? String == "float32")
    #expect(info.json["max_input_length"] as? Int == 48)
    #expect(info.json["max_client_batch_size"] as? Int == 1000)
    #expect((info.json["model_type"] as? [String: Any])?.keys.first == "reranker")
    #expect(info.json["version"] is String)
    #expect(try await served.ask("GET", "/meta").json["model"] as? String == "tiny")
    for path in ["/.well-known/live", "/.well-known/ready"] {
      let answer = try await served.ask("GET", path)
      #expect(answer.status == 204 && answer.headers["content-length"] == nil)
    }
    await served.server.stop()
  }

  /// With a token, models are told only to those who show it; what Weaviate probes stays open.
  @Test func openRoutes() async throws {
    let served = try await ServedModel { $0.token = BearerTokenFixture.token }
    for path in ["/v1/models", "/models", "/info", "/meta", "/metrics"] {
      let answer = try await served.ask("GET", path)
      #expect(answer.status == 401 && answer.headers["www-authenticate"] == "Bearer")
      let shown = try await served.ask(
        "GET", path, headers: ["Authorization": "Bearer \(BearerTokenFixture.secret)"])
      #expect(shown.status == 200)
    }
    for path in ["/health", "/ready", "/.well-known/live", "/.well-known/ready"] {
      #expect(try await served.ask("GET", path).status < 300)
    }
    for path in ["/score", "/tokenize", "/reranking", "/rerank/"] {
      #expect(try await served.ask("POST", path, json: Self.good).status == 401)
    }
    await served.server.stop()
  }

  /// Every route of rerank requests, with and without a slash at its end.
  @Test(arguments: ["/rerank", "/v1/rerank", "/v2/rerank", "/reranking", "/v1/reranking"])
  func slashes(_ path: String) async throws {
    let served = try await ServedModel()
    for path in [path, path + "/", path + "?a=b", path + "/?a=b"] {
      for (documents, count) in [("documents", 1), ("texts", 0)] {
        let answer = try await served.ask(
          "POST", path, json: Self.good.replacing("documents", with: documents))
        #expect(answer.status == 200, "\(path) \(documents)")
        #expect(answer.list.count == (count == 1 ? 0 : 2))
        #expect(results(answer).count == (count == 1 ? 2 : 0))
      }
      #expect(try await served.ask("GET", path).headers["allow"] == "POST")
    }
    #expect(try await served.ask("POST", path + "//", json: Self.good).status == 404)
    #expect(
      try await served.metric(#"ltr_requests_total{route="\#(path)",status="200"}"#) == 8)
    await served.server.stop()
  }

  /// What others have and this server has not is told, with what there is, where clients look.
  @Test func routesOfOthers() async throws {
    let served = try await ServedModel()
    for path in [
      "/v1/embeddings", "/embeddings", "/v1/completions", "/v1/chat/completions", "/classify",
      "/pooling", "/detokenize", "/v1/score/x", "/v2/score",
    ] {
      let answer = try await served.ask("POST", path, json: "{}")
      #expect(answer.status == 404)
      let error = try #require(answer.json["error"] as? [String: Any])
      #expect((error["message"] as? String)?.contains("POST /v1/rerank, ") == true)
      #expect(error["code"] as? Int == 404)
    }
    for path in ["/predict", "/embed", "/embed_all", "/embed_sparse", "/similarity", "/decode"] {
      let answer = try await served.ask("POST", path, json: #"{"inputs": "a"}"#)
      #expect(answer.status == 404)
      #expect((answer.json["error"] as? String)?.contains("POST /v1/rerank, ") == true)
      #expect(answer.json["error_type"] as? String == "Validation")
    }
    await served.server.stop()
  }

  /// Go's client names no type of its body.
  @Test func bodiesWithoutType() async throws {
    let served = try await ServedModel()
    let answer = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send("POST", "/rerank", body: Data(Self.good.utf8))
      return try client.answer()
    }
    #expect(answer.status == 200 && results(answer).count == 2)
    await served.server.stop()
  }

  @Test func tokenize() async throws {
    let served = try await ServedModel()
    let ids = served.model.tokenizer.tokenize("ab ac")
    let (first, last) = (
      served.model.tokenizer.id(of: "[CLS]"), served.model.tokenizer.id(of: "[SEP]")
    )
    let all = [try #require(first)] + ids + [try #require(last)]
    let vllm = try await served.ask(
      "POST", "/tokenize",
      json: #"{"model": "m", "prompt": "ab ac", "return_token_strs": true}"#)
    #expect(vllm.json["count"] as? Int == 4 && vllm.json["max_model_len"] as? Int == 48)
    #expect(vllm.json["tokens"] as? [Int] == all.map(Int.init))
    #expect(vllm.json["token_strs"] as? [String] == ["[CLS]", "ab", "ac", "[SEP]"])
    let bare = try await served.ask(
      "POST", "/tokenize", json: #"{"prompt": "ab ac", "add_special_tokens": false}"#)
    #expect(bare.json["tokens"] as? [Int] == ids.map(Int.init))
    #expect(bare.json["token_strs"] == nil)

    let inference = try await served.ask(
      "POST", "/tokenize", json: #"{"inputs": ["ab ac", ""], "add_special_tokens": true}"#)
    let lists = try inferenceTokens(inference)
    #expect(lists.map(\.count) == [4, 2])
    #expect(lists[0].map { $0["id"] as? Int } == all.map(Int.init))
    #expect(lists[0].map { $0["special"] as? Bool } == [true, false, false, true])
    #expect(lists[0][1]["text"] as? String == "ab" && lists[0][1]["start"] is NSNull)

    let llama = try await served.ask("POST", "/tokenize", json: #"{"content": "ab ac"}"#)
    #expect(llama.json["tokens"] as? [Int] == ids.map(Int.init))
    let pieces = try await served.ask(
      "POST", "/tokenize", json: #"{"content": "ab", "add_special": true, "with_pieces": true}"#)
    let tokens = pieces.json["tokens"] as? [[String: Any]] ?? []
    #expect(tokens.map { $0["piece"] as? String } == ["[CLS]", "ab", "[SEP]"])

    for (body, reason) in [
      (#"{"text": "a"}"#, "expected one of 'prompt', 'inputs' and 'content'"),
      (#"{"prompt": "a", "inputs": "a"}"#, "expected one of"),
      (#"{"prompt": 3}"#, "'prompt' is not"),
      (#"{"messages": [], "prompt": "a"}"#, "'messages' is wrong: chats are not supported"),
      (#"{"inputs": "a", "prompt_name": "p"}"#, "'prompt_name' is wrong"),
      (#"{"content": "a", "parse_special": false}"#, "'parse_special' is wrong"),
    ] {
      let answer = try await served.ask("POST", "/tokenize", json: body)
      #expect(answer.status == 400)
      let error = answer.json["error"] as? [String: Any]
      #expect((error?["message"] as? String)?.contains(reason) == true, "\(body)")
    }
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    await served.server.stop()
  }

  /// The tokens of each text, as text-embeddings-inference has them.
  private func inferenceTokens(_ answer: LoopbackClient.Answer) throws -> [[[String: Any]]] {
    try #require(
      try JSONSerialization.jsonObject(with: answer.body) as? [[[String: Any]]], "\(answer.text)")
  }

  /// Tokens whose texts JSON escapes, empty texts and no texts.
  @Test func tokensThatAreEscaped() async throws {
    var tiny = TinyModel()
    tiny.vocabulary?.replaceSubrange(6..<8, with: ["\"", "\\"])
    let served = try await ServedModel(tiny)
    let json = try body(["inputs": ["\"\\é\"", "", "ae"], "add_special_tokens": false])
    let lists = try inferenceTokens(await served.ask("POST", "/tokenize", json: json))
    #expect(
      lists.map { $0.map { $0["text"] as? String } } == [["\"", "\\", "[UNK]", "\""], [], ["ae"]])
    let ids = ["\"", "\\", "[UNK]", "\""].map { served.model.tokenizer.id(of: $0).map(Int.init) }
    #expect(lists.first?.map { $0["id"] as? Int } == ids)
    #expect(try await served.ask("POST", "/tokenize", json: #"{"inputs": []}"#).text == "[]")
    for (origin, key, list) in [
      ("prompt", "return_token_strs", "token_strs"), ("content", "with_pieces", "tokens"),
    ] {
      let answer = try await served.ask(
        "POST", "/tokenize",
        json: body([origin: "\"\\", key: true, "add_special_tokens": false]))
      let found = answer.json[list] as? [Any] ?? []
      #expect(
        found.map { ($0 as? [String: Any])?["piece"] as? String ?? $0 as? String } == ["\"", "\\"])
      let empty = try await served.ask(
        "POST", "/tokenize", json: #"{"\#(origin)": "", "add_special_tokens": false}"#)
      #expect(empty.json["tokens"] as? [Int] == [])
    }
    await served.server.stop()
  }

  /// A response has many more bytes than its request; there has to be room for it.
  @Test func tokensBeyondMemory() async throws {
    let served = try await ServedModel { $0.limits.bytesInMemory = 100_000 }
    let text = String(repeating: ". ", count: 2000)
    let answer = try await served.ask("POST", "/tokenize", json: #"{"inputs": "\#(text)"}"#)
    #expect(answer.status == 413 && answer.headers["retry-after"] == nil)
    let message = answer.json["message"] as? String
    #expect(message?.contains("exceeds the memory limit by itself") == true)
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    await served.server.stop()
  }
}
