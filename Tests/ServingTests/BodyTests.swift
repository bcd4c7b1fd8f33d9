import Foundation
import ModelSupport
import TestSupport
import Testing

/// Bodies that are nearly JSON, or JSON that others read differently.
@Suite struct BodyTests {
  /// What is not JSON, and what the client is told.
  private static let broken: [(body: String, reason: String)] = [
    (
      #"{"query": "aa", "documents": ["ab", "ac",]}"#,
      "a comma without a value after it at byte 41"
    ),
    (#"{"query": "aa", "documents": ["ab"],}"#, "a comma without a value after it"),
    (#"{"query": "aa", "documents": [{"text": "ab",}]}"#, "a comma without a value after it"),
    (#"{"query": "aa", "documents": ["ab",,"ac"]}"#, "expected a value"),
    (#"{"query": "aa", "documents": [,"ab"]}"#, "expected a value"),
    (#"{,"query": "aa", "documents": ["ab"]}"#, "expected a key"),
    (#"{"query": "aa", "documents": ["ab"], "top_n": NaN}"#, "expected a value"),
    (#"{"query": "aa", "documents": ["ab"], "top_n": -Infinity}"#, "expected a digit"),
    (#"{"query": "aa", "documents": ["ab"], "top_n": 01}"#, "expected ',' or '}'"),
    (#"{"query": "aa", "documents": ["ab"], "top_n": 1.}"#, "expected a digit"),
    (#"{"query": "aa", "documents": ["ab"], "top_n": .5}"#, "expected a value"),
    (#"{"query": "aa", "documents": ["ab"], "top_n": +1}"#, "expected a value"),
    (#"{"query": "aa", /* all */ "documents": ["ab"]}"#, "expected a key"),
    ("{\"query\": \"aa\", // all\n\"documents\": [\"ab\"]}", "expected a key"),
    (#"{'query': "aa", "documents": ["ab"]}"#, "expected a key"),
    (#"{query: "aa", "documents": ["ab"]}"#, "expected a key"),
    (#"{"query" "aa", "documents": ["ab"]}"#, "expected ':'"),
    (#"{"query": "aa" "documents": ["ab"]}"#, "expected ',' or '}'"),
    (#"{"query": "aa", "documents": ["ab"}"#, "expected ',' or ']'"),
    (#"{"query": "aa", "documents": ["ab"]} {}"#, "text after the end of the value"),
    (#"{"query": "aa", "documents": ["ab"]"#, "expected ',' or '}'"),
    (#"{"query": "aa", "documents": ["ab"#, "an unterminated string"),
    (#"{"query": "aa", "documents": ["ab\"#, "an unterminated string"),
    (#"{"query": "a\x61", "documents": ["ab"]}"#, "an unknown escape"),
    (#"{"query": "\u00g1", "documents": ["ab"]}"#, "an escape without four hexadecimal digits"),
    ("{\"query\": \"a\na\", \"documents\": [\"ab\"]}", "a control character in a string"),
    (#"{"query": "aa", "documents": ["ab"], "x": tru}"#, "expected a value"),
    (#"{"query": "aa", "documents": ["ab"], "x": "#, "unexpected end; expected a value"),
    (
      #"{"query": "aa", "documents": ["ab"], "x": \#(String(repeating: "[", count: 64))"#,
      "nested deeper than 64 levels"
    ),
    (String(repeating: #"{"a":"#, count: 2_000_000), "nested deeper than 64 levels"),
  ]

  @Test func brokenBodies() async throws {
    let served = try await ServedModel { $0.limits.bodyBytes = 16 << 20 }
    for (body, reason) in Self.broken {
      for path in ["/v2/rerank", "/rerank", "/score", "/tokenize"] {
        let answer = try await served.ask("POST", path, json: body)
        #expect(answer.status == 400, "\(body.prefix(80))")
        let message = answer.json["message"] as? String ?? ""
        #expect(
          message.hasPrefix("the body is not JSON: \(reason)"), "\(body.prefix(80)): \(message)")
      }
    }
    #expect(try await served.waitFor("ltr_request_bytes") { $0 == 0 })
    await served.server.stop()
  }

  /// JSON in forms that are rarer than others, and scores as of the plain form.
  @Test func rareForms() async throws {
    let served = try await ServedModel()
    let plain = try await served.ask(
      "POST", "/v2/rerank", json: #"{"query": "aa", "documents": ["ab", "ac ad"], "top_n": 1}"#)
    let nested = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
    for body in [
      "\u{FEFF}" + #"{"query": "aa", "documents": ["ab", "ac ad"], "top_n": 1}"#,
      " {\r\n\t\"query\" : \"aa\" , \"documents\" :[ \"ab\",\"ac ad\" ] ,\"top_n\":1 } \n",
      #"{"qu\u0065ry": "\u0061a", "documents": ["ab", "ac\u0020ad"], "top_n": 1}"#,
      #"{"query": "aa", "documents": ["ab", "ac ad"], "top_n": 1, "user": -1.5e+999}"#,
      #"{"query": "aa", "documents": ["ab", "ac ad"], "top_n": 1, "user": \#(nested)}"#,
      #"{"query": "aa", "documents": ["ab", "ac ad"], "top_n": 1, "rank_fields": [], "user": {}}"#,
      #"{"query": "aa", "documents": ["ab", "ac ad"], "top_n": 1, "max_tokens_per_doc": null}"#,
    ] {
      let answer = try await served.ask("POST", "/v2/rerank", json: body)
      #expect(answer.status == 200, "\(body): \(answer.text)")
      #expect(results(answer).map(\.index) == results(plain).map(\.index), "\(body)")
      #expect(meta(answer)["warnings"] == nil, "\(body)")
    }
    await served.server.stop()
  }

  /// What ends plain text is found wherever it is in the eight bytes that are looked at together.
  @Test func endsOfPlainText() async throws {
    let served = try await ServedModel()
    let fillers = ["a", "~", "!", "\u{7F}", "é", "\u{80}", "語", "\u{10FFFF}", "]", "#"]
    let ends = [#"\""#, #"\\"#, #"\u0041"#, ""]
    for filler in fillers {
      let starts = (0..<20).map { String(repeating: filler, count: $0) }
      let list = starts.flatMap { start in ends.map { "\"\(start)\($0)\"" } }.joined(separator: ",")
      let answer = try await served.ask(
        "POST", "/v2/rerank", json: #"{"query": "aa", "documents": [\#(list)]}"#)
      #expect(answer.status == 200, "\(filler): \(answer.text)")
      #expect(results(answer).count == starts.count * ends.count)
      for start in starts {
        for control in ["\u{0}", "\u{1}", "\u{1F}", "\n"] {
          let head = #"{"query": ""# + start
          let answer = try await served.ask(
            "POST", "/v2/rerank", json: head + control + #"aaaaaaaaa", "documents": ["ab"]}"#)
          #expect(answer.status == 400)
          #expect(
            answer.json["message"] as? String
              == "the body is not JSON: a control character in a string at byte \(head.utf8.count)")
        }
      }
    }
    await served.server.stop()
  }

  /// A key that comes twice would be read by one client as the first, by another as the last.
  @Test func duplicateAndUnknownKeys() async throws {
    let served = try await ServedModel()
    for body in [
      #"{"query": "aa", "documents": ["ab"], "query": "ad"}"#,
      #"{"query": "aa", "documents": ["ab"], "qu\u0065ry": "ad"}"#,
    ] {
      let answer = try await served.ask("POST", "/v2/rerank", json: body)
      #expect(answer.status == 422)
      #expect(answer.json["message"] as? String == "'query' is a duplicate key")
    }
    let many = (0...100).map { "\"k\($0)\": 0" }.joined(separator: ",")
    let answer = try await served.ask("POST", "/v2/rerank", json: "{\(many)}")
    #expect(answer.status == 422)
    #expect((answer.json["message"] as? String)?.contains("more than 100 keys") == true)
    let unknown = try await served.ask(
      "POST", "/v2/rerank",
      json: #"{"query": "aa", "documents": ["ab"], "topn": 1, "d": 1, "b": 1, "a": 1}"#)
    #expect(
      meta(unknown)["warnings"] as? [String] == ["unknown keys are ignored: 'a', 'b', 'd', …"])
    await served.server.stop()
  }

  /// Half of a surrogate pair is read as U+FFFD, which is told in every shape that has a place for
  /// it, in a header, and in the metrics.
  @Test func loneSurrogates() async throws {
    let served = try await ServedModel()
    let documents = [
      #"ab \ud800"#, #"\udc00 ac"#, #"\ud83d\ud83d\ude00"#, #"\uD83D\uDE00 \\ud800"#, #"a\ud800\n"#,
    ]
    let texts = ["ab \u{FFFD}", "\u{FFFD} ac", "\u{FFFD}😀", "😀 \\ud800", "a\u{FFFD}\n"]
    let list = documents.map { "\"\($0)\"" }.joined(separator: ",")
    let answer = try await served.ask(
      "POST", "/v2/rerank",
      json: #"{"query": "aa", "documents": [\#(list)], "return_documents": true}"#)
    #expect(answer.status == 200)
    let found = try #require(answer.json["results"] as? [[String: Any]])
    for result in found {
      let index = try #require(result["index"] as? Int)
      #expect((result["document"] as? [String: String])?["text"] == texts[index])
    }
    #expect(
      meta(answer)["warnings"] as? [String] == ["unpaired surrogates read as U+FFFD: 4"])
    #expect(answer.headers["x-replaced-surrogates"] == "4")
    let plain = try await served.ask(
      "POST", "/rerank", json: #"{"query": "\ud800a", "texts": [\#(list)]}"#)
    #expect(plain.list.count == 5 && plain.headers["x-replaced-surrogates"] == "5")
    #expect(try await served.metric("ltr_replaced_surrogates_total") == 9)
    let none = try await served.ask("POST", "/rerank", json: #"{"query": "a", "texts": ["b"]}"#)
    #expect(none.headers["x-replaced-surrogates"] == nil)
    await served.server.stop()
  }
}

/// The numbers and scores of the documents of a response, in their order.
func results(_ answer: LoopbackClient.Answer) -> [(index: Int, score: Double)] {
  let list = answer.json["results"] as? [[String: Any]] ?? []
  return list.map {
    ($0["index"] as? Int ?? -1, $0["relevance_score"] as? Double ?? .nan)
  }
}

/// What a response says of itself.
func meta(_ answer: LoopbackClient.Answer) -> [String: Any] {
  answer.json["meta"] as? [String: Any] ?? [:]
}
