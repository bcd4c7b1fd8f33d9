import Foundation
import TestSupport
import Testing

/// `ltr serve`, from its first word to its last.
@Suite struct ServeTests {
  private static let request =
    #"{"query": "how to restore a file?", "documents": "#
    + #"["the menu is a menu.", "Restore a file open the trash"]}"#

  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  /// Starts a server, does something with its port, and ends it with SIGTERM.
  private func serve(
    _ program: Program, _ options: String = "", environment: [String: String] = [:],
    _ work: (Int) async throws -> Void
  ) async throws -> Program.Result {
    let running = try program.start(
      "serve --model model --port 0 \(options)", environment: environment)
    guard let line = try await running.line(), let port = Int(line.split(separator: ":").last ?? "")
    else { return try await running.end() }
    #expect(line == "listening on http://127.0.0.1:\(port)")
    try await work(port)
    return try await running.end()
  }

  @Test func servesAndStops() async throws {
    let program = try program()
    let scores = try program("score --model model --precision f32 --input pairs.jsonl").lines
    let result = try await serve(program, "--precision f32 --log-level info") { port in
      let answer = try await apart {
        try LoopbackClient.ask(port, "POST", "/v2/rerank", json: Self.request)
      }
      #expect(answer.json["model"] as? String == "model")
      let results = try #require(answer.json["results"] as? [[String: Any]])
      for (index, line) in [1, 0].enumerated() {
        let logit = try #require(Double(scores[line]))
        let found = try #require(results.first { $0["index"] as? Int == index })
        let score = try #require(found["relevance_score"] as? Double)
        #expect(abs(score - 1 / (1 + exp(-logit))) < 1e-5)
      }
    }
    #expect(result.code == 0)
    #expect(result.errors.contains("note: stopped"))
    #expect(result.errors.contains("status=200") && result.errors.contains("documents=2"))
    #expect(!result.errors.contains("menu"), "no texts in logs")
  }

  @Test func tokensComeFromTheEnvironmentOrAFile() async throws {
    let program = try program()
    try program.write("token", "from-file\n")
    for (options, token) in [("", "from-environment"), ("--token-file token", "from-file")] {
      let result = try await serve(
        program, options, environment: ["LTR_SERVE_TOKEN": "from-environment"]
      ) { port in
        for (given, status) in [(token, 200), ("other", 401)] {
          let answer = try await apart {
            try LoopbackClient.ask(
              port, "POST", "/v2/rerank",
              headers: ["Authorization": "Bearer \(given)", "Content-Type": "application/json"],
              json: Self.request)
          }
          #expect(answer.status == status)
        }
      }
      #expect(result.code == 0)
    }
    let bad = try await serve(program, environment: ["LTR_SERVE_TOKEN": "a b"]) { _ in }
    #expect(bad.code == 64 && bad.errors.contains("LTR_SERVE_TOKEN"))
    #expect(!bad.errors.contains("a b"))
  }

  @Test func portInUseAndOtherHosts() async throws {
    let program = try program()
    let result = try await serve(program) { port in
      let second = try program("serve --model model --port \(port)")
      #expect(second.code == 69)
      #expect(second.errors.contains("port \(port) of 127.0.0.1 is in use"))
      #expect(second.errors.contains("to do: "))
    }
    #expect(result.code == 0 && !result.errors.contains("warning"))
    let elsewhere = try program("serve --model model --host 192.0.2.1 --port 0")
    #expect(elsewhere.code == 64)
    #expect(elsewhere.errors.contains("warning: 192.0.2.1 can be reached from other machines"))
  }

  /// Long documents are split as `ltr score` splits them.
  @Test func passages() async throws {
    let program = try program()
    let text = Array(repeating: "open the menu boil water cat dog", count: 9).joined(separator: " ")
    try program.write("long.jsonl", #"{"query": "a file", "text": "\#(text)"}"# + "\n")
    let options = "--long-documents top-2-mean --passage-overlap 3 --max-length 16"
    let scored = try program("score --model model \(options) --input long.jsonl --json").json()
    let logit = try #require(scored["score"] as? Double)
    #expect(scored["passages"] as? Int == 8 && scored["truncated"] == nil)
    let result = try await serve(program, options + " --precision f32") { port in
      let answer = try await apart {
        try LoopbackClient.ask(
          port, "POST", "/rerank",
          json: #"{"query": "a file", "texts": ["\#(text)"], "raw_scores": true}"#)
      }
      #expect(abs((answer.list[0]["score"] as? Double ?? .nan) - logit) < 1e-5)
      #expect(answer.headers["x-split-documents"] == "1")
    }
    #expect(result.code == 0)
  }

  /// Which shape answers, and which pages may ask, are options.
  @Test func shapesAndOrigins() async throws {
    let program = try program()
    let request = #"{"query": "a file", "documents": ["menu", "trash"], "return_documents": true}"#
    let options = "--shape infinity --cors https://example.org http://localhost:3000"
    let result = try await serve(program, options) { port in
      let answer = try await apart {
        try LoopbackClient.ask(
          port, "POST", "/v1/rerank/",
          headers: ["Content-Type": "application/json", "Origin": "http://localhost:3000"],
          json: request)
      }
      #expect(answer.json["object"] as? String == "rerank")
      let results = answer.json["results"] as? [[String: Any]] ?? []
      #expect(Set(results.map { $0["document"] as? String }) == ["menu", "trash"])
      #expect(answer.headers["access-control-allow-origin"] == "http://localhost:3000")
      let models = try await apart { try LoopbackClient.ask(port, "GET", "/v1/models") }
      let model = try #require((models.json["data"] as? [[String: Any]])?.first)
      #expect(model["id"] as? String == "model")
    }
    #expect(result.code == 0)
    for (options, reason) in [
      ("--shape jina", "auto"), ("--cors example.org", "--cors takes origins"),
      ("--cors https://example.org/page", "--cors takes origins"), ("--cors null", "--cors takes"),
    ] {
      let bad = try program("serve --model model --port 0 \(options)")
      #expect(bad.code == 64, "\(options)")
      #expect(bad.errors.contains(reason), "\(options): \(bad.errors)")
    }
  }

  /// The tokens of a long text take little more memory than their response.
  @Test func memoryOfTokens() async throws {
    let program = try program()
    let running = try program.start("serve --model model --port 0 --workers 1")
    let port = try #require(
      try await running.line()?.split(separator: ":").last.flatMap { Int($0) })
    let text = String(repeating: ".", count: 1_000_000)
    let answer = try await apart {
      try LoopbackClient.ask(port, "POST", "/tokenize", json: #"{"inputs": "\#(text)"}"#)
    }
    #expect(answer.status == 200 && answer.body.count > 60_000_000)
    let status = try String(
      contentsOfFile: "/proc/\(running.identifier)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    let peak = try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    #expect(peak << 10 < 5 * answer.body.count, "\(peak) kB")
    #expect(try await running.end().code == 0)
  }

  /// Half of a surrogate pair is told; a comma behind the last value is not JSON.
  @Test func bodiesThatAreNearlyJSON() async throws {
    let program = try program()
    let result = try await serve(program) { port in
      let half = try await apart {
        try LoopbackClient.ask(
          port, "POST", "/v2/rerank", json: #"{"query": "a \ud800", "documents": ["menu"]}"#)
      }
      #expect(half.status == 200 && half.headers["x-replaced-surrogates"] == "1")
      let warnings = (half.json["meta"] as? [String: Any])?["warnings"] as? [String]
      #expect(warnings?.first?.contains("U+FFFD") == true)
      let comma = try await apart {
        try LoopbackClient.ask(
          port, "POST", "/v2/rerank", json: #"{"query": "a", "documents": ["menu",]}"#)
      }
      #expect(comma.status == 400)
      #expect((comma.json["message"] as? String)?.contains("a comma without a value") == true)
    }
    #expect(result.code == 0)
  }
}
