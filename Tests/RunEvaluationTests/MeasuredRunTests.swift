import Corpora
import Diagnostics
import Foundation
import Ranking
import RunEvaluation
import TestSupport
import Testing

@Suite struct MeasuredRunTests {
  private let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  private func path(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try Data(text.utf8).write(to: url)
    return url.path(percentEncoded: false)
  }

  private func judgments(_ lines: String...) throws -> Judgments {
    try Judgments(opening: path("qrels", lines.joined(separator: "\n") + "\n"))
  }

  private func measured(
    _ lines: [String], _ judgments: Judgments, ignoresIdenticalIDs: Bool = false,
    isComplete: Bool = false
  ) throws -> MeasuredRun {
    let file = try GradedRun(
      opening: path("a.run", lines.joined(separator: "\n") + "\n"), judgments: judgments)
    return try MeasuredRun(
      file, judgments, ignoresIdenticalIDs: ignoresIdenticalIDs,
      EvaluatedRun.Options(
        measures: [Measure(parsing: "RR@10")], isComplete: isComplete, isJudgedOnly: false,
        depths: []))
  }

  @Test func meansOfJudgedQueries() throws {
    let judgments = try judgments("q1 0 d1 1", "q2 0 d2 1", "q3 0 d3 1")
    let lines = ["q1 Q0 d9 1 3 t", "q1 Q0 d1 2 2 t", "q2 Q0 d2 1 3 t", "q9 Q0 d2 1 3 t"]
    // 1/2 and 1/1; q3 has no results, and q9 no judgments.
    let shared = try measured(lines, judgments)
    #expect(shared.run.evaluation.means == [0.75])
    #expect(shared.run.name == folder.appending(path: "a.run").path(percentEncoded: false))
    #expect(shared.warning == nil)
    #expect(!shared.notes(complete: false, option: "--x").isEmpty)
    #expect(try measured(lines, judgments, isComplete: true).run.evaluation.means == [0.5])
  }

  @Test func hitsWithTheQuerysOwnID() throws {
    let judgments = try judgments("q1 0 d1 1")
    let lines = ["q1 Q0 q1 1 3 t", "q1 Q0 d1 2 2 t"]
    let kept = try measured(lines, judgments)
    #expect(kept.run.evaluation.means == [0.5])
    #expect(
      kept.notes(complete: false, option: "--x").contains {
        $0.contains("--x excludes such hits")
      })
    let without = try measured(lines, judgments, ignoresIdenticalIDs: true)
    #expect(without.run.evaluation.means == [1])
    #expect(!without.notes(complete: false, option: "--x").contains { $0.contains("--x") })
  }

  @Test func equalScores() throws {
    let judgments = try judgments("q1 0 d1 1")
    let equal = try measured(["q1 Q0 d2 1 3 t", "q1 Q0 d1 2 3 t"], judgments)
    #expect(equal.warning?.contains("all scores of a query are equal for 1 of 1 queries") == true)
  }

  @Test func nothingShared() throws {
    let judgments = try judgments("q1 0 d1 1")
    let failure = #expect(throws: Failure.self) {
      _ = try measured(["q2 Q0 d1 1 3 t"], judgments)
    }
    #expect(failure?.place?.file.hasSuffix("a.run") == true)
  }

  @Test func gradesBelowTheMeasures() throws {
    let low = try judgments("q1 0 d1 0.5", "q1 0 d2 2", "q2 0 d1 0.25")
    let whole = try judgments("q1 0 d1 1", "q1 0 d2 0")
    let measures = try Measure.list(parsing: "nDCG@10 P@5 RR")
    #expect(
      low.gradeNote(for: measures)?.hasPrefix(
        "judgments with grades between 0 and 1, which are not relevant for P@5: 2.") == true)
    #expect(whole.gradeNote(for: measures) == nil)
    #expect(low.gradeNote(for: try Measure.list(parsing: "nDCG@10 P(rel=0.25)@5")) == nil)
  }
}
