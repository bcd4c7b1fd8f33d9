import Diagnostics
import Foundation
import TestSupport
import Testing

import Training

/// The file of a run's scores.
@Suite struct RunScoresTests {
  private let scores = RunScores(
    measures: ["nDCG@10"], selectedBy: "nDCG@10", relevantFrom: 1,
    queries: [
      .init(
        split: "dev", query: "q \"1\"", documents: ["a", "b"], grades: [nil, 2], judged: [2, 0],
        scores: ["first stage": [0.1, 0.30000001], "model": [-1e-20, 3], "later": [1, 2]]),
      .init(
        split: "test", query: "2", documents: [], grades: [], judged: [1], scores: ["model": []]),
    ], latencies: [.init(depth: 10, seconds: 0.25)], workers: 2)

  private func path() throws -> String { try Material.temporaryFolder().path + "/scores.jsonl" }

  @Test func whatIsWrittenIsRead() throws {
    let path = try path()
    try scores.write(to: path)
    #expect(try RunScores(reading: path) == scores)
    #expect(scores.splits == ["dev", "test"])
    // An order of a later version is a baseline.
    #expect(scores.orders("dev") == ["first stage", "later", "model"])
    #expect(scores.rankings("dev", by: "model").map(\.ranked.ranked) == [[2, nil]])
    #expect(scores.rankings("dev", by: "fused").isEmpty)
  }

  /// A score that JSON cannot hold leaves no file.
  @Test func wholeOrNotAtAll() throws {
    let path = try path()
    var bad = scores
    bad.queries[1].scores["model"] = [.nan]
    #expect(throws: Failure.self) { try bad.write(to: path) }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(
    arguments: [
      ("", "no first line", nil), ("{\"format\":\"other\"}", "not a run's scores", 1),
      ("{\"format\":\"ltr scores\",\"version\":2}", "does not know", 1), ("{", "ends in the middle of a value", 1),
      ("HEADER\n{\"split\":\"dev\"}", "cannot be read", 2),
      (
        "HEADER\n{\"split\":\"dev\",\"query\":\"q\",\"documents\":[\"a\"],\"grades\":[],\"judged\":[],\"scores\":{}}",
        "other numbers", 2
      ),
    ] as [(String, String, Int?)])
  func damage(text: String, problem: String, line: Int?) throws {
    let path = try path()
    let header =
      #"{"format":"ltr scores","version":1,"measures":[],"selected_by":"RR","relevant_from":1,"latencies":[]}"#
    try text.replacing("HEADER", with: header).write(
      toFile: path, atomically: true, encoding: .utf8)
    let failure = #expect(throws: Failure.self) { try RunScores(reading: path) }
    #expect(failure?.kind == .badData && failure?.place?.line == line)
    #expect(failure?.problem.contains(problem) == true, "\(failure?.problem ?? "")")
  }
}
