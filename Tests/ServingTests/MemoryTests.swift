import Foundation
import TestSupport
import Testing

/// The bytes of requests and responses that are in memory, and responses that are slow to be taken.
@Suite struct MemoryTests {
  private static let type = ["Content-Type": "application/json"]

  /// A request of seven million bytes that wants its texts back: more than the system takes for a
  /// client that does not read.
  private static let large =
    #"{"query": "aa", "return_documents": true, "documents": ["#
    + Array(repeating: "\"\(String(repeating: "x", count: 1_000_000))\"", count: 7)
    .joined(separator: ",") + "]}"

  /// Sends the large request, and does not read what comes back.
  private func start(_ served: ServedModel) async throws -> LoopbackClient {
    try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port, receiveBuffer: 4096)
      try client.send("POST", "/v2/rerank", headers: Self.type, body: Data(Self.large.utf8))
      return client
    }
  }

  private func answers(_ served: ServedModel, _ count: Double) async throws -> Bool {
    let name = #"ltr_requests_total{route="/v2/rerank",status="200"}"#
    return try await served.waitFor(name) { $0 == count }
  }

  /// Bodies are counted over all requests, from their first byte on.
  @Test func requests() async throws {
    let served = try await ServedModel { $0.limits.bytesInMemory = 5000 }
    let text = String(repeating: "ab ", count: 980)
    let json = Data(try body(["query": "aa", "documents": [text]]).utf8)
    let slow = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send(
        "POST /v2/rerank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
          + "Content-Length: \(json.count)\r\n\r\n")
      try client.send(json.dropLast())
      return client
    }
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == Double(json.count - 1) })
    let other = try await served.ask(
      "POST", "/v2/rerank", json: String(decoding: json, as: UTF8.self))
    #expect(other.status == 429 && other.headers["retry-after"] == "1")
    let small = try body(["query": "aa", "documents": ["ab"]])
    #expect(try await served.ask("POST", "/v2/rerank", json: small).status == 200)
    let answer = try await apart {
      try slow.send(json.suffix(1))
      return try slow.answer()
    }
    #expect(answer.status == 200)
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    await served.server.stop()
  }

  /// A response is counted until it is sent: clients that do not read cannot fill the memory.
  @Test func responses() async throws {
    let served = try await ServedModel { $0.limits.bytesInMemory = 16 << 20 }
    var gone: LoopbackClient? = try await start(served)
    let other = try await start(served)
    #expect(try await answers(served, 2))
    #expect(try await served.metric("ltr_request_bytes") ?? 0 > 14e6)
    #expect(try await served.ask("POST", "/v2/rerank", json: Self.large).status == 429)
    withExtendedLifetime(gone) {}
    gone = nil
    #expect(try await served.waitFor("ltr_request_bytes") { $0 < 8e6 })
    let read = try await apart { try other.answer() }
    #expect((read.json["results"] as? [Any])?.count == 7)
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    #expect(try await served.ask("POST", "/v2/rerank", json: Self.large).status == 200)
    await served.server.stop()
  }

  /// A response that is not read times out, regardless of further input.
  @Test func responsesThatAreNotTaken() async throws {
    let served = try await ServedModel { $0.limits.readTimeout = .seconds(10) }
    let client = try await start(served)
    #expect(try await answers(served, 1))
    try await apart { try client.send("GET", "/health") }
    #expect(try await served.waitFor("ltr_connections") { $0 == 1 })
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    withExtendedLifetime(client) {}
    await served.server.stop()
  }

  /// A server that is asked to stop still sends what it has begun to.
  @Test(arguments: ["keep-alive", "close"])
  func stopWhileSending(_ connection: String) async throws {
    let served = try await ServedModel()
    let client = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port, receiveBuffer: 4096)
      try client.send(
        "POST", "/v2/rerank", headers: Self.type.merging(["Connection": connection]) { $1 },
        body: Data(Self.large.utf8))
      return client
    }
    #expect(try await answers(served, 1))
    let stopping = Task { await served.server.stop() }
    // Not before the server is being stopped: it no longer listens.
    for _ in 0..<400 where (try? await served.ask("GET", "/health")) != nil {
      try await Task.sleep(for: .milliseconds(10))
    }
    let (answer, isClosed) = try await apart { (try client.answer(), client.isClosed()) }
    #expect(answer.status == 200 && isClosed)
    #expect((answer.json["results"] as? [Any])?.count == 7)
    client.cut()
    await stopping.value
    try await served.server.wait()
  }
}
