import Corpora
import Diagnostics
import Files
import Foundation
import Judging
import TestSupport
import Testing

/// A judge's answers and faults, from a server on the loopback address.
@Suite struct JudgeServerTests {
  /// A response of chat completions with a text, of 10 tokens.
  static func chat(_ text: String) -> String {
    let quoted = String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    return #"{"choices":[{"message":{"content":\#(quoted)}}],"usage":{"total_tokens":10}}"#
  }

  static let good = LoopbackServer.Answer.response(
    200, chat(#"{"grade": 2, "reason": "It helps."}"#))

  /// A job on a collection of 1 query and `count` documents, in a folder of its own.
  private func job(
    _ url: String, in folder: String, count: Int = 1, model: String = "m", retries: Int = 2,
    budget: JudgeBudget = JudgeBudget(), timeout: Double = 5
  ) throws -> JudgeRun {
    let data = folder + "/data"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    let documents = (0..<count).map {
      #"{"_id":"d\#($0)","title":"","text":"words {query} \#($0)"}"#
    }
    try writeAtomically(documents.joined(separator: "\n") + "\n", to: data + "/corpus.jsonl")
    try writeAtomically(#"{"_id":"q","text":"a question"}"# + "\n", to: data + "/queries.jsonl")
    var settings = JudgeSettings(endpoint: url + "/v1", model: model)
    (settings.concurrency, settings.retries, settings.timeout) = (1, retries, timeout)
    (settings.maximumTokens, settings.waits) = (50, (0.001, 0.01))
    return try JudgeRun(
      Collection(opening: data), (0..<count).map { JudgedPair(query: "q", document: "d\($0)") },
      JudgePrompt(), .endpoint(settings, key: "secret-key"), budget,
      JudgeFolder(folder + "/out"))
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "ltr-judge-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  /// Each fault once, then a good answer: the pair is judged by the second request.
  @Test(arguments: [
    LoopbackServer.Answer.response(429, "", headers: ["Retry-After": "0"]),
    .response(500, "no"), .cut, .cutBody(#"{"choices":["#),
    .response(200, "<html>busy</html>"), .response(200, "{}"),
    .response(200, chat(#"{"grade": 7, "reason": "great"}"#)),
    .response(200, chat(#"{"grade": 1.5}"#)), .response(200, chat("I cannot say.")),
    .response(200, chat("late"), after: 1.5),
  ])
  func faultsAreRetried(_ fault: LoopbackServer.Answer) throws {
    let server = try LoopbackServer { number, _ in number == 0 ? fault : Self.good }
    defer { server.stop() }
    try withFolder { folder in
      let (end, summary) = try job(server.url, in: folder, timeout: 1).run(job: "job\n")
      #expect(end == .finished)
      #expect(summary.grades == [JudgedPair(query: "q", document: "d0"): 2])
      #expect(summary.requests == 2)
      let qrels = try String(contentsOfFile: folder + "/out/qrels.tsv", encoding: .utf8)
      #expect(qrels == "query-id\tcorpus-id\tscore\nq\td0\t2\n")
    }
  }

  @Test func requestsHaveKeyAndTexts() throws {
    let server = try LoopbackServer { _, _ in Self.good }
    defer { server.stop() }
    try withFolder { folder in
      _ = try job(server.url, in: folder).run(job: "job\n")
      let request = try #require(server.requests.first)
      #expect(request.line == "POST /v1/chat/completions HTTP/1.1")
      #expect(request.headers["authorization"] == "Bearer secret-key")
      #expect(request.body.contains("Query: a question"))
      // A place within a text stays what it is.
      #expect(request.body.contains("words {query} 0"))
      let log = try String(contentsOfFile: folder + "/out/verdicts.jsonl", encoding: .utf8)
      #expect(!log.contains("secret-key"))
      #expect(log.contains(#""rationale":"It helps.","model":"m""#))
      #expect(log.contains(JudgePrompt().checksum))
    }
  }

  /// Pairs that never get a grade are counted and left out, and the others are written.
  @Test func nonsenseIsLeftOut() throws {
    let server = try LoopbackServer { _, request in
      request.body.contains("words {query} 1") ? .response(200, Self.chat("no idea")) : Self.good
    }
    defer { server.stop() }
    try withFolder { folder in
      let (end, summary) = try job(server.url, in: folder, count: 3, retries: 1).run(job: "job\n")
      #expect(end == .finished)
      #expect(summary.grades.count == 2)
      #expect(summary.leftOut == ["an answer without one grade from 0 to 3": 1])
      #expect((summary.requests, summary.tokens) == (4, 40))
      let qrels = try String(contentsOfFile: folder + "/out/qrels.tsv", encoding: .utf8)
      #expect(qrels == "query-id\tcorpus-id\tscore\nq\td0\t2\nq\td2\t2\n")
    }
  }

  @Test func spentBudgetsStopAndResume() throws {
    let server = try LoopbackServer { _, _ in Self.good }
    defer { server.stop() }
    try withFolder { folder in
      let small = JudgeBudget(requests: 2)
      let (end, summary) = try job(server.url, in: folder, count: 5, budget: small).run(
        job: "job\n")
      #expect(end == .spent)
      #expect((summary.grades.count, summary.openCount) == (2, 3))
      #expect(fileKind(at: folder + "/out/qrels.tsv") == nil)
      // The budget is that of the job: what was spent before counts.
      #expect(
        try job(server.url, in: folder, count: 5, budget: small).run(job: "job\n").end == .spent)
      #expect(server.requests.count == 2)
      let (rest, all) = try job(server.url, in: folder, count: 5).run(job: "job\n")
      #expect(rest == .finished)
      #expect(all.grades.count == 5)
      #expect(server.requests.count == 5)
      #expect((all.requests, all.tokens) == (5, 50))
    }
  }

  @Test func tokensAreBounded() throws {
    let server = try LoopbackServer { _, _ in Self.good }
    defer { server.stop() }
    try withFolder { folder in
      let (end, summary) = try job(
        server.url, in: folder, count: 2, budget: JudgeBudget(tokens: 40)
      ).run(job: "job\n")
      #expect(end == .spent)
      #expect(server.requests.isEmpty)
      #expect(summary.tokens == 0)
    }
  }

  /// A line that an interruption cut is dropped, and its pair asked again.
  @Test func cutLogsAreContinued() throws {
    let server = try LoopbackServer { _, _ in Self.good }
    defer { server.stop() }
    try withFolder { folder in
      _ = try job(server.url, in: folder, count: 2).run(job: "job\n")
      let log = folder + "/out/verdicts.jsonl"
      let whole = try String(contentsOfFile: log, encoding: .utf8)
      try String(whole.dropLast(9)).write(toFile: log, atomically: true, encoding: .utf8)
      let (end, summary) = try job(server.url, in: folder, count: 2).run(job: "job\n")
      #expect((end, summary.grades.count) == (.finished, 2))
      #expect(server.requests.count == 3)
      #expect(try String(contentsOfFile: log, encoding: .utf8) == whole)
    }
  }

  @Test func otherModelsAreNotMixed() throws {
    let server = try LoopbackServer { _, _ in Self.good }
    defer { server.stop() }
    try withFolder { folder in
      _ = try job(server.url, in: folder).run(job: "job\n")
      let failure = try #require(throws: Failure.self) {
        try job(server.url, in: folder, model: "other").run(job: "job\n")
      }
      #expect(failure.kind == .badRecipe)
      #expect(failure.problem.contains("by the model 'm'"))
    }
  }

  @Test(arguments: [401, 403, 404])
  func refusalsEndTheJob(status: Int) throws {
    let server = try LoopbackServer { _, _ in .response(status, "bad key secret-key") }
    defer { server.stop() }
    try withFolder { folder in
      let failure = try #require(throws: Failure.self) {
        try job(server.url, in: folder, count: 3).run(job: "job\n")
      }
      #expect(failure.kind == .badRecipe)
      #expect(!"\(failure)".contains("secret-key"))
      #expect(server.requests.count == 1)
    }
  }

  @Test func deadEndpointsEndTheJob() throws {
    let server = try LoopbackServer { _, _ in Self.good }
    server.stop()
    try withFolder { folder in
      let failure = try #require(throws: Failure.self) {
        try job(server.url, in: folder, count: 30, retries: 0).run(job: "job\n")
      }
      #expect(failure.kind == .unavailable)
      #expect(failure.problem.contains("20 pairs in a row"))
      let few = try #require(throws: Failure.self) {
        try job(server.url, in: folder + "/few", count: 2, retries: 0).run(job: "job\n")
      }
      #expect(few.problem.contains("no pair got a grade"))
      #expect(fileKind(at: folder + "/out/qrels.tsv") == nil)
    }
  }
}
