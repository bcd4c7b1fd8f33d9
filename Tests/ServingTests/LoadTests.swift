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
    #expect(try await served.waitFor("ltr_queue_documents") { $0 == 0 })
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

  /// What cannot be done in time even alone is refused before anything is computed, in the form of
  /// its route and without a time to come back at.
  @Test func requestsThatAreTooMuch() async throws {
    let served = try await ServedModel.slow { $0.limits.requestTimeout = .milliseconds(200) }
    let pairs = try await served.metric("ltr_batch_sequences_sum")
    let answer = try await served.ask("POST", "/v2/rerank", json: ServedModel.longRequest())
    #expect(answer.status == 413 && answer.headers["retry-after"] == nil)
    let message = try #require(answer.json["message"] as? String)
    #expect(message.contains("would take about") && message.contains("0.2 s are allowed"))
    #expect(try await served.metric("ltr_batch_sequences_sum") == pairs)
    #expect(try await served.waitFor("ltr_queue_documents") { $0 == 0 })
    let small = try body(["query": "aa", "documents": ["ab"]])
    #expect(try await served.ask("POST", "/v2/rerank", json: small).status == 200)
    await served.server.stop()
  }

  /// A request that turns out to take longer than its bytes let expect, here texts with a token a
  /// byte, ends when its time is up, and what is left of it is dropped.
  @Test func requestsThatTakeTooLong() async throws {
    let first = try await ServedModel.slow()
    let start = ContinuousClock.now
    let json = ServedModel.longRequest(documents: 50)
    #expect(try await first.ask("POST", "/v2/rerank", json: json).status == 200)
    let time = ContinuousClock.now - start
    await first.server.stop()
    // Time for four hundred documents of 500 tokens, and eight hundred that have them, but only a
    // quarter as many by their bytes.
    let served = try await ServedModel.slow { $0.limits.requestTimeout = time * 8 }
    let texts = Array(repeating: String(repeating: ".", count: 500), count: 800)
    let answer = try await served.ask(
      "POST", "/v2/rerank", json: body(["query": "aa ab", "documents": texts]))
    #expect(answer.status == 504)
    #expect(
      try await served.waitFor("ltr_queue_documents") { $0 == 0 }, "what is left of it is dropped")
    #expect(try await served.ask("GET", "/ready").status == 200)
    await served.server.stop()
  }

  /// More than can be done in time: some is answered, and what there is no time for is refused at
  /// once, with a time to come back at.
  @Test func overload() async throws {
    let json = ServedModel.longRequest(documents: 60)
    let first = try await ServedModel.slow()
    let start = ContinuousClock.now
    #expect(try await first.ask("POST", "/v2/rerank", json: json).status == 200)
    let alone = ContinuousClock.now - start
    await first.server.stop()
    // Time for six requests, and for one where the machine becomes six times slower.
    let served = try await ServedModel.slow { $0.limits.requestTimeout = alone * 6 }
    let clients = 30
    let port = served.port
    let statuses = try await withThrowingTaskGroup { group in
      for _ in 0..<clients {
        group.addTask {
          try await apart {
            try LoopbackClient.ask(port, "POST", "/v2/rerank", json: json)
          }
        }
      }
      var statuses: [Int: Int] = [:]
      for try await answer in group {
        statuses[answer.status, default: 0] += 1
        guard answer.status == 429 else { continue }
        let after = try #require(answer.headers["retry-after"].flatMap { Int($0) })
        #expect((1...60).contains(after))
        #expect((answer.json["message"] as? String)?.contains("wait to be scored") == true)
      }
      return statuses
    }
    #expect(statuses[200, default: 0] > 0 && statuses[429, default: 0] > 0, "\(statuses)")
    // On a machine that becomes slower meanwhile, some that were taken on are given up.
    #expect(statuses.keys.allSatisfy { [200, 429, 503, 504].contains($0) }, "\(statuses)")
    #expect(try await served.waitFor("ltr_queue_documents") { $0 == 0 })
    #expect(try await served.waitFor("ltr_queue_seconds") { $0 == 0 })
    await served.server.stop()
  }
}
