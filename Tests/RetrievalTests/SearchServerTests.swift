import Corpora
import Diagnostics
import Foundation
import Options
import Retrieval
import Synchronization
import TestSupport
import Testing

/// A search server's answers and faults, from a server on the loopback address that speaks the
/// shapes of `_msearch` as OpenSearch's and Elasticsearch's references give them.
@Suite struct SearchServerTests {
  private let queries = (0..<10).map { Query(id: "q\($0)", text: "words of \"query\" \($0)") }

  /// An answer to every query of a request: documents `a` and `b` with scores that tell the query.
  private static func answer(_ request: LoopbackServer.Request) -> String {
    let responses = bodies(of: request).map { body -> String in
      let number = body["query"].flatMap { text(in: $0) }?.split(separator: " ").last ?? "?"
      return """
        {"took":3,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},\
        "hits":{"total":{"value":2,"relation":"eq"},"max_score":2.5,"hits":[\
        {"_index":"docs","_id":"a\(number)","_score":2.5},\
        {"_index":"docs","_id":"b\(number)","_score":1.25}]},"status":200}
        """
    }
    return #"{"took":5,"responses":["# + responses.joined(separator: ",") + "]}"
  }

  /// The bodies of the queries of a request.
  private static func bodies(of request: LoopbackServer.Request) -> [[String: Any]] {
    request.body.split(separator: "\n").enumerated().filter { $0.offset % 2 == 1 }.compactMap {
      (try? JSONSerialization.jsonObject(with: Data($0.element.utf8))) as? [String: Any]
    }
  }

  private static func text(in query: Any) -> String? {
    ((query as? [String: Any])?["multi_match"] as? [String: Any])?["query"] as? String
  }

  private func options(_ server: LoopbackServer) -> SearchServerOptions {
    var options = SearchServerOptions(url: server.url, index: "docs")
    (options.batch, options.concurrency) = (3, 2)
    (options.timeout, options.retries) = (5, 3)
    (options.firstWait, options.longestWait) = (0.01, 0.05)
    return options
  }

  private func expectAll(_ found: [[ScoredDocument]]) {
    #expect(
      found
        == (0..<10).map {
          [
            ScoredDocument(document: "a\($0)", score: 2.5),
            ScoredDocument(document: "b\($0)", score: 1.25),
          ]
        })
  }

  @Test func batches() throws {
    let server = try LoopbackServer { _, request in .response(200, Self.answer(request)) }
    defer { server.stop() }
    let stage = try SearchServer(
      options(server), credentials: .basic(user: "me", password: "pass word"))
    expectAll(try stage.search(queries, depth: 50))
    #expect(try stage.search([], depth: 50).isEmpty)
    #expect(stage.name == "docs at \(server.url)")
    #expect(server.requests.count == 4)
    for request in server.requests {
      #expect(request.line == "POST /docs/_msearch HTTP/1.1")
      #expect(request.headers["content-type"] == "application/x-ndjson")
      #expect(request.headers["authorization"] == "Basic bWU6cGFzcyB3b3Jk")
      #expect(request.body.hasSuffix("\n"))
      for body in Self.bodies(of: request) {
        #expect(body["size"] as? Int == 50)
        #expect(body["query"].flatMap { Self.text(in: $0) }?.contains(#"of "query" "#) == true)
      }
    }
    #expect(server.requests.map { Self.bodies(of: $0).count }.sorted() == [1, 3, 3, 3])
  }

  /// Depth is kept even where the body asks for more, and no document comes twice.
  @Test func moreThanAskedFor() throws {
    let server = try LoopbackServer { _, _ in
      .response(
        200,
        #"{"responses":[{"hits":{"hits":[{"_id":"a","_score":3},{"_id":"a","_score":2},"#
          + #"{"_id":"b","_score":1},{"_id":"c","_score":0.5}]}}]}"#)
    }
    defer { server.stop() }
    let found = try SearchServer(options(server)).search([queries[0]], depth: 3)
    #expect(found.map { $0.map(\.document) } == [["a", "b"]])
  }

  /// Faults that pass: the batch is sent again, and everything is found in the end.
  @Test(arguments: 0..<7)
  func passingFaults(_ kind: Int) throws {
    let faults = Mutex(0)
    let server = try LoopbackServer { _, request in
      let isFaulty = faults.withLock { count in
        count += 1
        return count <= 3
      }
      guard isFaulty else { return .response(200, Self.answer(request)) }
      let open = Self.bodies(of: request).count
      switch kind {
      case 0: return .response(429, "slow down", headers: ["Retry-After": "0.02"])
      case 1: return .response(503, "<html>restarting</html>")
      case 2: return .cut
      case 3: return .cutBody(#"{"responses":["#)
      case 4:
        // One query of each batch is refused for now.
        let busy =
          #"{"error":{"root_cause":[{"type":"rejected","reason":"queue is full"}],"type":"x"},"status":429}"#
        let answered = Self.answer(request)
        guard let cut = answered.firstRange(of: #"{"took":3"#) else { return .cut }
        let rest = answered[cut.lowerBound...].components(separatedBy: #",{"took":3"#)
        let others = rest.dropFirst().map { #",{"took":3"# + $0 }.joined()
        return .response(
          200, #"{"responses":["# + busy + (open == 1 ? "]}" : others))
      case 5:
        return .response(
          200,
          Self.answer(request).replacing(#""timed_out":false"#, with: #""timed_out":true"#))
      default:
        return .response(200, Self.answer(request).replacing(#""failed":0"#, with: #""failed":2"#))
      }
    }
    defer { server.stop() }
    expectAll(try SearchServer(options(server)).search(queries, depth: 50))
    #expect(server.requests.count > 4)
    if kind == 4 {
      let asked = server.requests.flatMap { Self.bodies(of: $0) }.count
      #expect(asked == 13, "only what was refused is asked again")
    }
  }

  /// A server that is too slow is given up on, and one that is not there.
  @Test func unavailable() throws {
    let slow = try LoopbackServer { _, request in
      .response(200, Self.answer(request), after: 600)
    }
    var options = options(slow)
    (options.timeout, options.retries) = (0.2, 1)
    let failure = #expect(throws: Failure.self) {
      try SearchServer(options).search([queries[0]], depth: 5)
    }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.description.contains("does not answer") == true)
    slow.stop()
    let gone = #expect(throws: Failure.self) {
      try SearchServer(options).search([queries[0]], depth: 5)
    }
    #expect(gone?.kind == .unavailable)
  }

  /// What will not pass ends at once, with what the server says.
  @Test(arguments: [
    (401, "security_exception", Failure.Kind.badRecipe, "LTR_SEARCH_API_KEY"),
    (404, #"{"error":{"reason":"no such index [docs]"}}"#, .badData, "no such index [docs]"),
    (400, "bad body", .badData, "bad body"),
    (302, "", .badData, "status 302"),
    (200, "<html>hello</html>", .badData, "not a valid _msearch response"),
    (200, #"{"responses":[]}"#, .badData, "not a valid _msearch response"),
    (200, #"{"responses":[{"hits":{"hits":[{"_id":"a","_score":null}]}}]}"#, .badData, "no score"),
    (200, #"{"responses":[{"hits":{"hits":[{"_score":1}]}}]}"#, .badData, "without an id"),
    (200, #"{"responses":[{"took":1}]}"#, .badData, "without hits"),
    (
      200,
      #"{"responses":[{"error":{"type":"parsing_exception","reason":"unknown query"},"status":400}]}"#,
      .badData, "parsing_exception: unknown query"
    ),
  ])
  func refusals(_ status: Int, _ body: String, _ kind: Failure.Kind, _ says: String) throws {
    let server = try LoopbackServer { _, _ in .response(status, body) }
    defer { server.stop() }
    let failure = #expect(throws: Failure.self) {
      try SearchServer(options(server)).search([queries[0]], depth: 5)
    }
    #expect(failure?.kind == kind)
    #expect(failure?.description.contains(says) == true, "\(failure?.description ?? "")")
    #expect(server.requests.count == 1)
  }

  @Test func identifiersInFields() throws {
    let server = try LoopbackServer { _, _ in
      .response(
        200,
        #"{"responses":[{"hits":{"hits":[{"_id":"1","_score":3,"fields":{"doc":["x"]}},"#
          + #"{"_id":"2","_score":2,"_source":{"doc":7}}]}}]}"#)
    }
    defer { server.stop() }
    var options = options(server)
    options.identifierField = "doc"
    let found = try SearchServer(options).search([queries[0]], depth: 3)
    #expect(found.map { $0.map(\.document) } == [["x", "7"]])
  }

  @Test(arguments: [
    ("search:9200", "docs"), ("ftp://host", "docs"), ("http://", "docs"),
    ("http://me:secret@host", "docs"), ("http://host", ""), ("http://host", "a/b"),
    ("http://host", "a b"), ("http://host", ".."),
  ])
  func wrongAddresses(_ url: String, _ index: String) {
    let failure = #expect(throws: Failure.self) {
      _ = try SearchServer(SearchServerOptions(url: url, index: index))
    }
    #expect(failure?.kind == .badRecipe)
    #expect(failure?.description.contains("secret") == false)
  }

  @Test func credentialsFromTheEnvironment() throws {
    let user = SearchCredentials.userVariable
    let password = SearchCredentials.passwordVariable
    let key = SearchCredentials.apiKeyVariable
    #expect(try SearchCredentials(environment: [:]) == nil)
    #expect(
      try SearchCredentials(environment: [user: "a", password: "b"])
        == .basic(user: "a", password: "b"))
    #expect(
      try SearchCredentials(environment: [user: "a", password: "b", key: "k"]) == .apiKey("k"))
    for partial in [[user: "a"], [password: "b"]] {
      #expect(throws: Failure.self) { try SearchCredentials(environment: partial) }
    }
  }

  @Test func templates() throws {
    let path = try Material.temporaryFolder().appending(path: "template.json")
    try Data(
      #"{"size":"{{depth}}","boost":0.5,"query":{"match":{"text":"title:{{query}}"}},"x":[null,true]}"#
        .utf8
    ).write(to: path)
    var options = SearchServerOptions(url: "http://127.0.0.1:1", index: "docs")
    options.body = path.path(percentEncoded: false)
    let server = try LoopbackServer { _, _ in
      .response(200, #"{"responses":[{"hits":{"hits":[]}}]}"#)
    }
    defer { server.stop() }
    options.url = server.url + "/proxy/"
    #expect(
      try SearchServer(options).search([Query(id: "1", text: #"a "b" {{depth}} \"#)], depth: 9)
        == [[]])
    #expect(server.requests[0].line == "POST /proxy/docs/_msearch HTTP/1.1")
    #expect(
      server.requests[0].body
        == #"{"preference":"ltr"}"# + "\n"
        + #"{"boost":0.5,"query":{"match":{"text":"title:a \"b\" {{depth}} \\"}},"size":9,"x":[null,true]}"#
        + "\n")
    for wrong in ["[1]", "{", #"{"query":"no place"}"#] {
      try Data(wrong.utf8).write(to: path)
      let failure = #expect(throws: Failure.self) {
        try QueryTemplate(readingFrom: path.path(percentEncoded: false))
      }
      #expect(failure?.kind == .badData)
    }
  }
}
