import Foundation
import ModelSupport
import TestSupport
import Testing

/// Requests that are wrong: each its status and its reason, in the form of the route, and a server
/// that lives on.
@Suite struct MistakeTests {
  private static let good = #"{"query": "aa", "documents": ["ab", "ac"]}"#

  /// A body for `/v2/rerank` with the status it gets and a word of the reason.
  private static let bodies: [(body: String, status: Int, reason: String)] = [
    ("", 400, "empty"), ("{", 400, "not JSON"), ("nonsense", 400, "not JSON"),
    ("[]", 422, "the body is not an object"), ("null", 422, "not an object"), ("3", 422, "object"),
    (#"{"documents": ["a"]}"#, 422, "'query' is missing"),
    (#"{"query": "a"}"#, 422, "'documents' is missing"),
    (#"{"query": null, "documents": ["a"]}"#, 422, "'query' is not a string"),
    (#"{"query": 3, "documents": ["a"]}"#, 422, "'query' is not a string"),
    (#"{"query": "a", "documents": "b"}"#, 422, "'documents' is not a list"),
    (#"{"query": "a", "documents": {"text": "b"}}"#, 422, "'documents' is not a list"),
    (#"{"query": "a", "documents": null}"#, 422, "'documents' is not a list"),
    (#"{"query": "a", "documents": ["b", 3]}"#, 422, "'documents[1]'"),
    (#"{"query": "a", "documents": ["b", null]}"#, 422, "'documents[1]'"),
    (#"{"query": "a", "documents": [{"title": "b"}]}"#, 422, "'documents[0].text' is missing"),
    (#"{"query": "a", "documents": [{"text": 1}]}"#, 422, "'documents[0].text' is not a string"),
    (
      #"{"query": "a", "documents": [{"text": "b"}], "rank_fields": ["title"]}"#, 422,
      "'documents[0].title' is missing"
    ),
    (
      #"{"query": "a", "documents": [{"text": 1}], "rank_fields": ["text"]}"#, 422,
      "'documents[0].text' is not a string"
    ),
    (#"{"query": "a", "documents": ["b"], "rank_fields": "text"}"#, 422, "'rank_fields' is not a"),
    (#"{"query": "", "documents": ["b"]}"#, 422, "'query' is empty"),
    (#"{"query": " \n", "documents": ["b"]}"#, 422, "'query' is empty"),
    (#"{"query": "a", "documents": []}"#, 422, "'documents' is empty"),
    (#"{"query": "a", "documents": ["b"], "top_n": 0}"#, 422, "'top_n' is wrong"),
    (#"{"query": "a", "documents": ["b"], "top_n": -3}"#, 422, "'top_n' is wrong"),
    (#"{"query": "a", "documents": ["b"], "top_n": 1.5}"#, 422, "'top_n'"),
    (#"{"query": "a", "documents": ["b"], "top_n": "2"}"#, 422, "'top_n' is not an integer"),
    (
      #"{"query": "a", "documents": ["b"], "return_documents": "yes"}"#, 422,
      "'return_documents' is not true or false"
    ),
    (#"{"query": "a", "documents": ["1","2","3","4","5","6"]}"#, 413, "at most 5"),
    (
      #"{"query": "a", "documents": ["\#(String(repeating: "b", count: 101))"]}"#, 413,
      "'documents[0]' has 101 bytes"
    ),
    (
      #"{"query": "\#(String(repeating: "b", count: 101))", "documents": ["b"]}"#, 413,
      "'query' has 101 bytes"
    ),
    (String(repeating: "[", count: 900), 400, "not JSON"),
    (String(repeating: " ", count: 1001), 413, "more than 1000 bytes"),
  ]

  private func small() async throws -> ServedModel {
    try await ServedModel { options in
      options.limits.documents = 5
      options.limits.textBytes = 100
      options.limits.bodyBytes = 1000
    }
  }

  @Test func bodies() async throws {
    let served = try await small()
    for (body, status, reason) in Self.bodies {
      let answer = try await served.ask("POST", "/v2/rerank", json: body)
      #expect(answer.status == status, "\(body)")
      let message = answer.json["message"] as? String ?? ""
      #expect(message.contains(reason), "\(body): \(message)")
      #expect(answer.json["detail"] as? String == message)
      #expect(!message.contains("bbb"), "no texts in messages")
    }
    #expect(try await served.ask("POST", "/v2/rerank", json: Self.good).status == 200)
    await served.server.stop()
  }

  @Test func bodiesOfInference() async throws {
    let served = try await small()
    let bodies: [(String, Int, String, String)] = [
      ("{", 400, "Validation", "not JSON"),
      (#"{"query": "a"}"#, 422, "Validation", "'texts' is missing"),
      (#"{"query": "a", "texts": [{"text": "b"}]}"#, 422, "Validation", "'texts[0]' is not a"),
      (#"{"query": "a", "texts": []}"#, 400, "Empty", "'texts' is empty"),
      (#"{"query": "", "texts": ["b"]}"#, 400, "Empty", "'query' is empty"),
      (#"{"query": "a", "texts": ["b"], "truncate": 1}"#, 422, "Validation", "'truncate'"),
      (
        #"{"query": "a", "texts": ["b"], "truncation_direction": "Left"}"#, 422, "Validation",
        "truncated on the right"
      ),
      (#"{"query": "a", "texts": ["1","2","3","4","5","6"]}"#, 413, "Validation", "at most 5"),
    ]
    for (body, status, kind, reason) in bodies {
      let answer = try await served.ask("POST", "/rerank", json: body)
      #expect(answer.status == status, "\(body)")
      #expect(answer.json["error_type"] as? String == kind, "\(body)")
      let message = answer.json["error"] as? String ?? ""
      #expect(message.contains(reason), "\(body): \(message)")
    }
    await served.server.stop()
  }

  /// A score that is no number is the server's fault, in the status that each form has for it.
  @Test func scoresThatAreNoNumbers() async throws {
    let served = try await ServedModel(TinyModel(spread: 1e25))
    let ours = try await served.ask("POST", "/v2/rerank", json: Self.good)
    #expect(ours.status == 500)
    let theirs = try await served.ask(
      "POST", "/rerank", json: Self.good.replacing("documents", with: "texts"))
    #expect(theirs.status == 424 && theirs.json["error_type"] as? String == "Backend")
    await served.server.stop()
  }

  /// Neither bytes that are no UTF-8 nor what Foundation would read as UTF-16 or UTF-32.
  @Test func otherEncodings() async throws {
    let served = try await small()
    let broken = ([[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xFE, 0xFF, 0x00, 0x7B]] as [[UInt8]]).map {
      Data(#"{"query": "a"#.utf8) + $0 + Data(#"", "documents": ["b"]}"#.utf8)
    }
    let wide = [
      .utf16, .utf16LittleEndian, .utf16BigEndian, .utf32, .utf32LittleEndian, .utf32BigEndian,
    ].compactMap { Self.good.data(using: $0) }
    #expect(wide.count == 6)
    for body in broken + wide {
      let answer = try await apart { [port = served.port] in
        let client = try LoopbackClient(port: port)
        try client.send(
          "POST", "/v1/rerank", headers: ["Content-Type": "application/json"], body: body)
        return try client.answer()
      }
      #expect(answer.status == 400)
      #expect(answer.json["message"] as? String == "the body is not UTF-8")
    }
    await served.server.stop()
  }

  @Test func routesMethodsAndTypes() async throws {
    let served = try await small()
    for (method, path, status, allow) in [
      ("GET", "/nowhere", 404, nil), ("POST", "/v3/rerank", 404, nil),
      ("GET", "/v2/rerank", 405, "POST"), ("PUT", "/rerank", 405, "POST"),
      ("POST", "/health", 405, "GET, HEAD"), ("DELETE", "/", 405, "GET, HEAD"),
    ] as [(String, String, Int, String?)] {
      let answer = try await served.ask(method, path)
      #expect(answer.status == status, "\(method) \(path)")
      #expect(answer.headers["allow"] == allow)
      #expect(!answer.body.isEmpty)
    }
    for type in [
      "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1",
    ] {
      let answer = try await served.ask(
        "POST", "/v2/rerank", headers: ["Content-Type": type], json: Self.good)
      #expect(answer.status == 415, "\(type)")
    }
    for type in ["application/json; charset=UTF-8", "application/vnd.x+json", "Application/JSON"] {
      let answer = try await served.ask(
        "POST", "/v2/rerank?x=1", headers: ["Content-Type": type], json: Self.good)
      #expect(answer.status == 200, "\(type)")
    }
    let packed = try await served.ask(
      "POST", "/v2/rerank",
      headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"], json: Self.good)
    #expect(packed.status == 415)
    await served.server.stop()
  }

  /// Ten million bytes and a hundred thousand documents, against the limits that everybody gets.
  @Test func hugeRequests() async throws {
    let served = try await ServedModel()
    let text = String(repeating: "a", count: 10_000_000)
    let long = try await served.ask(
      "POST", "/v2/rerank", json: #"{"query": "a", "documents": ["\#(text)"]}"#)
    #expect(long.status == 413)
    let single = try await served.ask(
      "POST", "/v2/rerank", json: #"{"query": "a", "documents": ["\#(text.prefix(2_000_000))"]}"#)
    #expect(single.status == 413)
    let many = Array(repeating: "\"a\"", count: 100_000).joined(separator: ",")
    let answer = try await served.ask(
      "POST", "/v2/rerank", json: #"{"query": "a", "documents": [\#(many)]}"#)
    #expect(answer.status == 413)
    #expect((answer.json["message"] as? String)?.contains("100000 members") == true)
    #expect(try await served.ask("POST", "/v2/rerank", json: Self.good).status == 200)
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    await served.server.stop()
  }

  /// What is no HTTP, and heads that do not end.
  @Test func otherProtocols() async throws {
    let served = try await small()
    let answer = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send("EHLO example.org\r\n\r\n")
      return (try client.answer(), client.isClosed())
    }
    #expect(answer.0.status == 400 && answer.1)
    #expect(answer.0.json["message"] as? String == "the request is not well-formed HTTP/1.1")
    let large = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try? client.send("GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 300_000))\r\n\r\n")
      return try client.answer().status
    }
    #expect(large == 431)
    #expect(try await served.ask("GET", "/health").status == 200)
    await served.server.stop()
  }
}
