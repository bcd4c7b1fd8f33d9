import Foundation
import TestSupport
import Testing

/// HTTP as it is spoken on a connection: what is asked of a request, and when the connection ends.
@Suite struct ProtocolTests {
  private static let json = #"{"query": "aa", "documents": ["ab", "ac"]}"#

  /// A head for a body of JSON, with more lines before its end.
  private static func head(
    _ lines: String = "Host: a\r\n", path: String = "/v2/rerank", length: Int = json.utf8.count,
    version: String = "1.1"
  ) -> String {
    "POST \(path) HTTP/\(version)\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(length)\r\n\(lines)\r\n"
  }

  /// What comes back for bytes on a connection of their own: so many answers, and whether the server
  /// then closes it without another word. It is waited for only where it is expected.
  private func exchange(
    _ served: ServedModel, _ bytes: String, answers: Int = 1, closes: Bool = true
  ) async throws -> (answers: [LoopbackClient.Answer], isClosed: Bool) {
    try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send(bytes)
      let answers = try (0..<answers).map { _ in
        try client.answer(withBody: !bytes.hasPrefix("HEAD"))
      }
      return (answers, closes && client.isClosed() && client.unread.isEmpty)
    }
  }

  /// After a request for another protocol nothing is read: the client has to know, and to come again.
  @Test func otherProtocolsEndTheConnection() async throws {
    let served = try await ServedModel()
    let upgrade = "Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    let next = "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n"
    for (bytes, status) in [
      ("GET /health HTTP/1.1\r\n\(upgrade)\r\n", 200),
      ("GET /health HTTP/1.1\r\n\(upgrade)\r\n" + next, 200),
      (Self.head(upgrade) + Self.json, 200),
      ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 404),
    ] {
      let (answers, isClosed) = try await exchange(served, bytes)
      #expect(answers[0].status == status && isClosed, "\(bytes)")
      #expect(answers[0].headers["connection"] == "close")
    }
    await served.server.stop()
  }

  /// HTTP/1.0 has one request a connection, needs no host and knows no interim responses.
  @Test func olderClients() async throws {
    let served = try await ServedModel()
    let head = Self.head("Expect: 100-continue\r\n", version: "1.0")
    let (answers, isClosed) = try await exchange(served, head + Self.json)
    #expect(answers[0].status == 200 && isClosed)
    #expect((answers[0].json["results"] as? [Any])?.count == 2)
    #expect(answers[0].headers["connection"] == "close")
    await served.server.stop()
  }

  @Test func hosts() async throws {
    let served = try await ServedModel()
    for lines in ["", "Host: a\r\nHost: b\r\n"] {
      let (answers, isClosed) = try await exchange(served, Self.head(lines) + Self.json)
      #expect(answers[0].status == 400 && isClosed)
      #expect((answers[0].json["message"] as? String)?.contains("'Host'") == true)
      let (heads, isEmpty) = try await exchange(served, "HEAD / HTTP/1.1\r\n\(lines)\r\n")
      #expect(heads[0].status == 400 && isEmpty, "no body for HEAD")
    }
    await served.server.stop()
  }

  @Test func dates() async throws {
    let served = try await ServedModel()
    let reader = DateFormatter()
    reader.locale = Locale(identifier: "en_US_POSIX")
    reader.timeZone = .gmt
    reader.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    for bytes in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"] {
      let answer = try await exchange(served, bytes, closes: false).answers[0]
      let text = try #require(answer.headers["date"])
      let date = try #require(reader.date(from: text))
      #expect(abs(date.timeIntervalSinceNow) < 60)
      #expect(reader.string(from: date) == text)
    }
    await served.server.stop()
  }

  /// A body that was announced and not read would be taken for the next request.
  @Test func bodiesThatNobodyReads() async throws {
    let served = try await ServedModel {
      $0.limits.bodyBytes = 1000
      $0.token = .init("secret")
    }
    let open = "Host: a\r\nAuthorization: Bearer secret\r\n"
    let next = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    for (bytes, status) in [
      (Self.head(open + "Expect: 100-continue\r\n", length: 1001) + next, 413),
      (Self.head(open, length: 1001) + next, 413), (Self.head(length: 100) + "{", 401),
      (Self.head(open, path: "/nowhere", length: 100) + "{", 404),
      (Self.head(open, path: "/health", length: 100) + "{", 405),
      (Self.head(open + "Content-Encoding: gzip\r\n", length: 100) + "{", 415),
    ] {
      let (answers, isClosed) = try await exchange(served, bytes)
      #expect(answers[0].status == status && isClosed, "\(bytes)")
      #expect(answers[0].headers["connection"] == "close")
    }
    // With the whole body there, the connection stays.
    for (head, status) in [(Self.head(), 401), (Self.head(open, path: "/nowhere"), 404)] {
      let bytes = head + Self.json + next
      let answers = try await exchange(served, bytes, answers: 2, closes: false).answers
      #expect(answers.map(\.status) == [status, 200])
      #expect(answers[0].headers["connection"] == nil)
    }
    await served.server.stop()
  }

  /// What comes behind the last request takes nothing from those before it.
  @Test func strayBytes() async throws {
    let served = try await ServedModel()
    let stray = "what is this?\r\n\r\n"
    let last = try await exchange(
      served, Self.head("Host: a\r\nConnection: close\r\n") + Self.json + stray)
    #expect(last.answers[0].status == 200 && last.isClosed)
    let more = try await exchange(served, Self.head() + Self.json + stray, answers: 2)
    #expect(more.answers.map(\.status) == [200, 400] && more.isClosed)
    #expect(more.answers[0].headers["connection"] == nil)
    let nameless = try await exchange(
      served, Self.head() + Self.json + Self.head("") + Self.json, answers: 2)
    #expect(nameless.answers.map(\.status) == [200, 400] && nameless.isClosed)
    await served.server.stop()
  }

  /// A request that waits for the one before it has its time only from then on.
  @Test func timeOfARequestBehindAnother() async throws {
    let served = try await ServedModel.slow { $0.limits.readTimeout = .seconds(2) }
    let long = ServedModel.longRequest(documents: 400)
    let statuses = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send(Self.head(length: long.utf8.count) + long)
      try client.send(Self.head() + Self.json.prefix(10))
      let first = try client.answer().status
      try client.send(String(Self.json.dropFirst(10)))
      return [first, try client.answer().status]
    }
    #expect(statuses == [200, 200])
    await served.server.stop()
  }

  /// A client that sends no more is taken to be gone.
  @Test func halfClosed() async throws {
    let served = try await ServedModel.slow()
    let client = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      let long = ServedModel.longRequest()
      try client.send(Self.head(length: long.utf8.count) + long)
      return client
    }
    #expect(try await served.waitFor("ltr_queue_requests") { $0 == 1 })
    client.finishSending()
    #expect(try await served.waitFor("ltr_abandoned_requests_total") { $0 == 1 })
    #expect(try await served.waitFor("ltr_queue_documents") { $0 == 0 })
    #expect(try await apart { client.isClosed() && client.unread.isEmpty })
    await served.server.stop()
  }
}
