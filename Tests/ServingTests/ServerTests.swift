import Diagnostics
import Foundation
import Glibc
import ModelFiles
import ModelSupport
import Serving
import Synchronization
import TestSupport
import Testing

/// A server as a whole: who is let in, what it tells about itself, and its end.
@Suite struct ServerTests {
  private static let json = #"{"query": "aa", "documents": ["ab", "ac"]}"#

  @Test func tokens() async throws {
    #expect(BearerToken("") == nil && BearerToken("a b") == nil && BearerToken("ä") == nil)
    let served = try await ServedModel { $0.token = BearerToken("s3cret") }
    let attempts: [(String?, Int)] = [
      (nil, 401), ("", 401), ("Bearer", 401), ("Bearer ", 401), ("Bearer s3cre", 401),
      ("Bearer s3cret2", 401), ("Bearer S3cret", 401), ("Basic s3cret", 401), ("s3cret", 401),
      ("Bearer s3cret", 200), ("bearer s3cret", 200),
    ]
    for (value, status) in attempts {
      var headers = ["Content-Type": "application/json"]
      headers["Authorization"] = value
      let answer = try await served.ask("POST", "/v2/rerank", headers: headers, json: Self.json)
      #expect(answer.status == status, "\(value ?? "none")")
      #expect(answer.headers["www-authenticate"] == (status == 401 ? "Bearer" : nil))
      headers["Content-Type"] = nil
      #expect(try await served.ask("GET", "/metrics", headers: headers).status == status)
      for path in ["/health", "/ready", "/"] {
        #expect(try await served.ask("GET", path, headers: headers).status == 200)
      }
    }
    await served.server.stop()
  }

  /// The page has one script and one style sheet, whatever the model is called, and asks for an
  /// instruction where the model reads one.
  @Test func pageOfAnyModel() async throws {
    let served = try await ServedModel(
      prompt: PromptChoice(prompt: "{instruction} {query} {document}", instruction: "aa"),
      name: "</title><script>\"&\u{7}")
    let page = try await served.ask("GET", "/").text
    #expect(page.contains("data-model=\"&lt;/title&gt;&lt;script&gt;&quot;&amp;\u{FFFD}\""))
    for tag in ["<script", "<style", "</title>", "<h1>"] {
      #expect(page.components(separatedBy: tag).count == 2, "\(tag)")
    }
    #expect(page.contains("id=\"instruction\""))
    await served.server.stop()
  }

  @Test func probesPageAndMetrics() async throws {
    let served = try await ServedModel()
    #expect(try await served.ask("GET", "/health").json["status"] as? String == "ok")
    #expect(try await served.ask("GET", "/ready").json["model"] as? String == "tiny")
    let head = try await served.ask("HEAD", "/health")
    #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] != "0")
    let page = try await served.ask("GET", "/")
    #expect(page.headers["content-type"] == "text/html; charset=utf-8")
    #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
    #expect(page.text.hasPrefix("<!doctype html>") && !page.text.contains("http"))
    #expect(page.text.contains(#"data-model="tiny" data-tokens="48" data-documents="1000""#))
    #expect(!page.text.contains("id=\"instruction\""))
    for _ in 0..<3 { _ = try await served.ask("POST", "/v2/rerank", json: Self.json) }
    _ = try await served.ask("POST", "/v1/rerank", json: "{")
    let text = try await served.ask("GET", "/metrics")
    #expect(text.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    let lines = text.text.split(separator: "\n").map(String.init)
    for line in [
      #"ltr_requests_total{route="/v2/rerank",status="200"} 3"#,
      #"ltr_requests_total{route="/v1/rerank",status="400"} 1"#,
      "ltr_pairs_total 6", "ltr_tokens_total 30", "ltr_queue_requests 0",
      #"ltr_request_seconds_bucket{route="/v2/rerank",le="+Inf"} 3"#,
      #"ltr_request_seconds_count{route="/v2/rerank"} 3"#,
      "# TYPE ltr_request_seconds histogram", "# TYPE ltr_queue_documents gauge",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    // Every line that is no comment is a name, labels perhaps, and a number.
    for line in lines where !line.hasPrefix("#") {
      let match = line.wholeMatch(of: /[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (\S+)/)
      #expect(match.flatMap { Double($0.1) } != nil, "\(line)")
    }
    #expect(try await served.metric("process_resident_memory_bytes") ?? 0 > 1e6)
    await served.server.stop()
  }

  /// A client that asks first is told to go on, unless the body is too large.
  @Test func expectations() async throws {
    let served = try await ServedModel { $0.limits.bodyBytes = 1000 }
    let (first, second) = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      let head = { (length: Int) in
        "POST /v2/rerank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
          + "Expect: 100-continue\r\n"
          + "Content-Length: \(length)\r\n\r\n"
      }
      try client.send(head(Self.json.utf8.count))
      let go = try client.answer().status
      try client.send(Self.json)
      let other = try LoopbackClient(port: port)
      try other.send(head(1001))
      return ([go, try client.answer().status], try other.answer().status)
    }
    #expect(first == [100, 200] && second == 413)
    await served.server.stop()
  }

  /// Bodies in chunks, within the limits and beyond.
  @Test func chunks() async throws {
    let served = try await ServedModel { $0.limits.bodyBytes = 1000 }
    for (size, status) in [(1, 200), (30, 413)] {
      let answer = try await apart { [port = served.port] in
        let client = try LoopbackClient(port: port)
        try client.send(
          "POST /v2/rerank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n")
        let parts =
          [#"{"query": "aa", "documents": ["ab"#]
          + Array(repeating: String(repeating: " ac", count: size), count: 30) + [#""]}"#]
        for part in parts {
          try client.send(String(part.utf8.count, radix: 16) + "\r\n" + part + "\r\n")
        }
        try client.send("0\r\n\r\n")
        return try client.answer()
      }
      #expect(answer.status == status)
    }
    await served.server.stop()
  }

  @Test func portInUse() async throws {
    let served = try await ServedModel()
    await #expect(throws: Failure.self) {
      _ = try await ServedModel { $0.port = served.port }
    }
    do {
      _ = try await ServedModel { $0.port = served.port }
    } catch let failure as Failure {
      #expect(failure.kind == .unavailable && failure.problem.contains("in use"))
      #expect(failure.remedy?.contains("--port") == true)
    }
    await #expect(throws: Failure.self) { _ = try await ServedModel { $0.host = "192.0.2.1" } }
    await served.server.stop()
  }

  /// A server that is asked to stop takes nothing new and ends what it has.
  @Test func stopsAfterWhatIsThere() async throws {
    let served = try await ServedModel.slow()
    let json = ServedModel.longRequest(documents: 60)
    let working = Task { try await served.ask("POST", "/v2/rerank", json: json) }
    #expect(try await served.waitFor("ltr_queue_requests") { $0 == 1 })
    let stopping = Task { await served.server.stop() }
    let waiting = Task { try await served.server.wait() }
    let answer = try await working.value
    #expect(answer.status == 200 && answer.headers["connection"] == "close")
    #expect((answer.json["results"] as? [Any])?.count == 60)
    await stopping.value
    try await waiting.value
    await #expect(throws: LoopbackClient.Trouble.self) {
      _ = try await served.ask("GET", "/health")
    }
  }

  /// A server that stops to listen without being asked to says so.
  @Test func endsByItself() async throws {
    let served = try await ServedModel()
    let listening = try #require(listeningSocket(port: served.port))
    _ = shutdown(listening, Int32(SHUT_RDWR))
    await #expect(throws: Failure.self) { try await served.server.wait() }
    await served.server.stop()
  }

  /// The socket in this process that listens on a port.
  private func listeningSocket(port: Int) -> Int32? {
    (3..<4096).first { socket in
      var listens: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      guard unsafe getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0, listens == 1
      else { return false }
      var address = sockaddr_in()
      size = socklen_t(MemoryLayout<sockaddr_in>.size)
      return unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe getsockname(socket, $0, &size) == 0
        }
      } && Int(UInt16(bigEndian: address.sin_port)) == port
    }
  }

  /// What does not end in time is told so.
  @Test func doesNotWaitForEver() async throws {
    let served = try await ServedModel.slow { $0.limits.shutdownTimeout = .milliseconds(200) }
    let working = Task {
      try await served.ask("POST", "/v2/rerank", json: ServedModel.longRequest())
    }
    #expect(try await served.waitFor("ltr_queue_requests") { $0 == 1 })
    let stopping = Task { await served.server.stop() }
    let answer = try await working.value
    #expect(answer.status == 503)
    #expect((answer.json["message"] as? String)?.contains("stopping") == true)
    await stopping.value
    try await served.server.wait()
  }
}
