import Foundation
import TestSupport
import Testing

/// Connections that are slow, silent, cut, or too many.
@Suite struct ConnectionTests {
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
      #expect(answer.json["error"] as? String == "the request was incomplete after 0.8 s")
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
    // A connection on which no request comes gets no response.
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
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    #expect(try await served.waitFor("ltr_queue_documents") { $0 == 0 })
    await served.server.stop()
  }

  /// A client beyond the limit is refused and does not keep its connection, whatever it does; probes
  /// are answered.
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

  /// Clients beyond the limit that say nothing do not keep others from asking how the server is: the
  /// one that is silent longest makes room.
  @Test func silentConnections() async throws {
    let served = try await ServedModel {
      $0.limits.connections = 2
      $0.limits.readTimeout = .seconds(600)
    }
    let port = served.port
    let (used, silent, answer) = try await apart {
      let used = try (0..<2).map { _ in
        let client = try LoopbackClient(port: port)
        try client.send("GET", "/health")
        _ = try client.answer()
        return client
      }
      let silent = try (0..<100).map { number in
        let client = try LoopbackClient(port: port)
        // Some begin to say something.
        if number.isMultiple(of: 3) { try client.send("GET /health HT") }
        return client
      }
      return (used, silent, try LoopbackClient.ask(port, "GET", "/health"))
    }
    #expect(answer.status == 200)
    #expect(try await apart { silent[0].isClosed() && silent[0].unread.isEmpty })
    #expect(try await served.waitFor("ltr_connections") { $0 <= 2 + 64 })
    // The last one has its answer once it asks, and so has one that was there before the limit.
    let late = try await apart {
      for client in [silent[98], used[0]] { try client.send("GET", "/ready") }
      return try [silent[98].answer().status, used[0].answer().status]
    }
    #expect(late == [200, 200])
    for client in used + silent { client.cut() }
    #expect(try await served.waitFor("ltr_connections") { $0 == 1 })
    await served.server.stop()
  }
}
