import Foundation
import ModelSupport
import Synchronization
import TestSupport
import Testing

/// Many requests at once, too many, too slow ones and those whose clients go away.
@Suite struct LoadTests {
  /// Clients with requests of all sizes get their own scores.
  @Test func manyClients() async throws {
    let served = try await ServedModel(maximumLength: 32)
    let port = served.port
    try await withThrowingTaskGroup { group in
      for number in 0..<12 {
        let query = TinyModel.text(words: 1 + number % 5, seed: UInt64(number))
        let documents = (0..<[1, 5, 90][number % 3]).map {
          TinyModel.text(words: ($0 * 7 + number) % 60, seed: UInt64($0 * 31 + number))
        }
        let scores = served.scores(query, documents)
        let json = try body(["query": query, "texts": documents, "raw_scores": true])
        group.addTask {
          for _ in 0..<8 {
            let answer = try await apart {
              try LoopbackClient.ask(port, "POST", "/rerank", json: json)
            }
            #expect(answer.list.count == documents.count)
            for result in answer.list {
              let index = try #require(result["index"] as? Int)
              let score = try #require(result["score"] as? Double)
              #expect(abs(score - Double(scores[index])) < 1e-5)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let pairs: Double = 8 * 4 * (1 + 5 + 90)
    #expect(try await served.metric("ltr_pairs_total") == pairs)
    #expect(try await served.metric("ltr_queue_documents") == 0)
    #expect(
      try await served.metric(#"ltr_requests_total{route="/rerank",status="200"}"#) == 96)
    await served.server.stop()
  }

  /// Many requests over one connection, and several sent before the first is answered.
  @Test func oneConnection() async throws {
    let served = try await ServedModel()
    let json = try body(["query": "aa", "texts": ["ab", "ac cd"], "raw_scores": true])
    let answers = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      let headers = ["Content-Type": "application/json"]
      var answers: [String] = []
      for _ in 0..<300 {
        try client.send("POST", "/rerank", headers: headers, body: Data(json.utf8))
        answers.append(try client.answer().text)
      }
      for _ in 0..<3 { try client.send("POST", "/rerank", headers: headers, body: Data(json.utf8)) }
      for _ in 0..<3 { answers.append(try client.answer().text) }
      return answers
    }
    #expect(answers.count == 303 && answers.allSatisfy { $0.contains("score") })
    await served.server.stop()
  }

  /// A small request is answered while one of a thousand documents is still at work, more than the
  /// queue holds are told to come back, and what a client no longer waits for is dropped.
  @Test func busyServer() async throws {
    let served = try await ServedModel.slow { $0.limits.queuedDocuments = 1005 }
    let long = ServedModel.longRequest()
    let client = try await apart { [port = served.port] in
      let client = try LoopbackClient(port: port)
      try client.send(
        "POST", "/v2/rerank", headers: ["Content-Type": "application/json"], body: Data(long.utf8))
      return client
    }
    #expect(try await served.waitFor("ltr_queue_documents") { $0 > 900 })
    let small = try await served.ask(
      "POST", "/v2/rerank", json: body(["query": "aa", "documents": ["ab", "ac", "ad"]]))
    #expect(small.status == 200)
    #expect(try await served.metric("ltr_queue_requests") == 1, "the long one is still at work")
    for (path, key) in [("/v2/rerank", "message"), ("/rerank", "error")] {
      let json = long.replacing("documents", with: path == "/rerank" ? "texts" : "documents")
      let answer = try await served.ask("POST", path, json: json)
      #expect(answer.status == 429)
      #expect((answer.json[key] as? String)?.contains("wait to be scored") == true)
      let seconds = try #require(answer.headers["retry-after"].flatMap { Int($0) })
      #expect((1...60).contains(seconds))
    }
    #expect(try await served.ask("GET", "/health").status == 200)
    client.cut()
    #expect(try await served.waitFor("ltr_queue_documents") { $0 == 0 })
    #expect(try await served.waitFor("ltr_abandoned_requests_total") { $0 == 1 })
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    await served.server.stop()
  }

  @Test func requestsThatTakeTooLong() async throws {
    let served = try await ServedModel.slow { $0.limits.requestTimeout = .seconds(1) }
    let answer = try await served.ask("POST", "/v2/rerank", json: ServedModel.longRequest())
    #expect(answer.status == 504)
    #expect(try await served.metric("ltr_queue_documents") == 0, "what is left of it is dropped")
    #expect(try await served.ask("GET", "/ready").status == 200)
    await served.server.stop()
  }

  @Test func slowClients() async throws {
    let served = try await ServedModel {
      $0.limits.readTimeout = .milliseconds(800)
      $0.limits.idleTimeout = .milliseconds(800)
    }
    let port = served.port
    // A body that does not come, and one that comes drop by drop.
    for drips in [false, true] {
      let (answer, isClosed) = try await apart {
        let client = try LoopbackClient(port: port)
        try client.send(
          "POST /rerank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: 1000\r\n\r\n{"
        )
        while drips {
          Thread.sleep(forTimeInterval: 0.05)
          do { try client.send(" ") } catch { break }
          if client.hasInput { break }
        }
        return (try client.answer(), client.isClosed())
      }
      #expect(answer.status == 408 && isClosed)
      #expect(answer.json["error"] as? String == "the request was not all there after 0.8 s")
    }
    // They count as what they are, with the time that they took.
    #expect(try await served.metric("ltr_abandoned_requests_total") == 0)
    let seconds = try await served.metric(#"ltr_request_seconds_sum{route="/rerank"}"#)
    #expect(try #require(seconds) > 1.5)
    // A head that does not end.
    let head = try await apart {
      let client = try LoopbackClient(port: port)
      try client.send("GET / HTTP/1.1\r\nX-")
      return (try client.answer().status, client.isClosed())
    }
    #expect(head.0 == 408 && head.1)
    // A connection that is not used again.
    let idle = try await apart {
      let client = try LoopbackClient(port: port)
      try client.send("GET", "/health")
      return (try client.answer().status, client.isClosed() && client.unread.isEmpty)
    }
    #expect(idle.0 == 200 && idle.1)
    // One that is used, but for no whole head.
    let half = try await apart {
      let client = try LoopbackClient(port: port)
      try client.send("GET", "/health")
      _ = try client.answer()
      try client.send("GET /health HT")
      return (try client.answer().status, client.isClosed())
    }
    #expect(half.0 == 408 && half.1)
    // One that is never used is nobody's to answer.
    let unused = try await apart {
      let client = try LoopbackClient(port: port)
      return client.isClosed() && client.unread.isEmpty
    }
    #expect(unused)
    #expect(try await served.waitFor("ltr_connections") { $0 == 1 })
    await served.server.stop()
  }

  /// Clients that go away in the middle of anything.
  @Test func cutConnections() async throws {
    let served = try await ServedModel()
    try await apart { [port = served.port] in
      let json = #"{"query": "aa", "documents": ["ab"]}"#
      let request =
        "POST /v2/rerank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(json.utf8.count)\r\n\r\n" + json
      for length in stride(from: 0, through: request.utf8.count, by: 3) {
        let client = try LoopbackClient(port: port)
        try client.send(Data(request.utf8.prefix(length)))
        client.cut()
      }
    }
    #expect(try await served.waitFor("ltr_connections") { $0 == 1 })
    #expect(try await served.metric("ltr_request_bytes") == 0)
    #expect(try await served.metric("ltr_queue_documents") == 0)
    await served.server.stop()
  }

  /// Who comes on a connection too many is told so and does not keep it, whatever he does; who asks
  /// how the server is gets to know.
  @Test func tooManyConnections() async throws {
    let served = try await ServedModel { $0.limits.connections = 3 }
    let (clients, answers) = try await apart { [port = served.port] in
      var clients: [LoopbackClient] = []
      var answers: [LoopbackClient.Answer] = []
      for isForHead in [false, false, false, false, false, true] {
        let client = try LoopbackClient(port: port)
        try client.send(isForHead ? "HEAD" : "GET", "/")
        answers.append(try client.answer(withBody: !isForHead))
        clients.append(client)
      }
      return (clients, answers)
    }
    #expect(answers.map(\.status) == [200, 200, 200, 503, 503, 503])
    #expect(answers.map { $0.headers["connection"] } == [nil, nil, nil, "close", "close", "close"])
    #expect(clients[5].unread.isEmpty, "no body for HEAD")
    for path in ["/health", "/ready", "/metrics"] {
      let answer = try await served.ask("GET", path)
      #expect(answer.status == 200 && answer.headers["connection"] == "close")
    }
    // The three and the one that asks: the others are closed, though their clients did not.
    #expect(try await served.waitFor("ltr_connections") { $0 == 4 })
    #expect(try await apart { clients[5].isClosed() && clients[5].unread.isEmpty })
    for client in clients[..<3] { client.cut() }
    #expect(try await served.waitFor("ltr_connections") { $0 == 1 })
    #expect(try await served.ask("GET", "/").status == 200)
    await served.server.stop()
  }
}
