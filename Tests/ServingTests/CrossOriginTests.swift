import Foundation
import ModelSupport
import Serving
import TestSupport
import Testing

/// Pages of other origins, which browsers let ask only where the server says so.
@Suite struct CrossOriginTests {
  private static let origin = "https://app.example.org"
  private static let good = #"{"query": "aa", "documents": ["ab", "ac"]}"#
  private static let headers = ["Content-Type": "application/json", "Origin": origin]
  private static let preflight = [
    "Origin": origin, "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
  ]

  @Test func nothingUnlessAsked() async throws {
    let served = try await ServedModel()
    let asked = try await served.ask("OPTIONS", "/v2/rerank", headers: Self.preflight)
    #expect(asked.status == 405)
    let answer = try await served.ask(
      "POST", "/v2/rerank", headers: Self.headers, json: Self.good)
    #expect(answer.status == 200)
    for answer in [asked, answer] {
      #expect(!answer.headers.keys.contains { $0.hasPrefix("access-control") || $0 == "vary" })
    }
    await served.server.stop()
  }

  @Test func listedOrigins() async throws {
    let served = try await ServedModel { options in
      options.crossOrigin = CrossOrigin([Self.origin, "http://localhost:3000"])
      options.token = BearerTokenFixture.token
    }
    // A browser asks without the token, and before it sends it.
    let asked = try await served.ask("OPTIONS", "/v2/rerank/", headers: Self.preflight)
    #expect(asked.status == 204)
    #expect(asked.headers["access-control-allow-origin"] == Self.origin)
    #expect(asked.headers["access-control-allow-methods"] == "POST")
    #expect(asked.headers["access-control-allow-headers"] == "authorization,content-type")
    #expect(asked.headers["vary"] == "Origin")
    var headers = Self.headers
    headers["Authorization"] = "Bearer \(BearerTokenFixture.secret)"
    let answer = try await served.ask("POST", "/v2/rerank", headers: headers, json: Self.good)
    #expect(answer.status == 200)
    #expect(answer.headers["access-control-allow-origin"] == Self.origin)
    #expect(
      answer.headers["access-control-expose-headers"]?.contains("X-Truncated-Documents") == true)
    // A page has to be able to read what is wrong.
    for (method, path, body, status) in [
      ("POST", "/v2/rerank", "{", 400), ("POST", "/rerank", "{}", 422),
      ("POST", "/nowhere", "{}", 404), ("PUT", "/v2/rerank", "{}", 405),
    ] {
      let answer = try await served.ask(method, path, headers: headers, json: body)
      #expect(answer.status == status)
      #expect(answer.headers["access-control-allow-origin"] == Self.origin)
    }
    let refused = try await served.ask(
      "POST", "/v2/rerank", headers: Self.headers, json: Self.good)
    #expect(refused.status == 401)
    #expect(refused.headers["access-control-allow-origin"] == Self.origin)
    for origin in ["https://other.example.org", "http://app.example.org", "null"] {
      headers["Origin"] = origin
      let answer = try await served.ask("POST", "/v2/rerank", headers: headers, json: Self.good)
      #expect(answer.status == 200 && answer.headers["access-control-allow-origin"] == nil)
      #expect(answer.headers["vary"] == "Origin")
    }
    await served.server.stop()
  }

  /// What the guard of a connection answers goes to pages as well.
  @Test func refusalsBeforeTheBody() async throws {
    let served = try await ServedModel { options in
      options.crossOrigin = CrossOrigin(["*"])
      options.limits.readTimeout = .milliseconds(200)
    }
    let answer = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send(
        "POST /v2/rerank HTTP/1.1\r\nHost: a\r\nOrigin: \(Self.origin)\r\n"
          + "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
      return try client.answer()
    }
    #expect(answer.status == 408)
    #expect(answer.headers["access-control-allow-origin"] == "*")
    #expect(answer.headers["vary"] == nil)
    await served.server.stop()
  }

  @Test func origins() {
    for origins in [["*"], ["https://example.org"], ["http://[::1]:3000", "app://x"]] {
      #expect(CrossOrigin(origins) != nil)
    }
    for origin in [
      "", "example.org", "https://", "https://example.org/", "https://example.org/a", "null",
      "https://a b", "https://a\r\nx: y", "https://user@example.org",
    ] {
      #expect(CrossOrigin(["https://example.org", origin]) == nil, "\(origin)")
    }
    #expect(CrossOrigin([]) == nil)
  }
}
