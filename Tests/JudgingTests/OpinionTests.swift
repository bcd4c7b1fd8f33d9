import Corpora
import Diagnostics
import Files
import Foundation
import Judging
import TestSupport
import Testing

@Suite struct OpinionTests {
  @Test(arguments: [
    (#"{"grade": 3, "reason": "r"}"#, 3), (#"Sure: {"grade": 0} Hope it helps {x}."#, 0),
    ("```json\n{\"grade\": 1.0, \"reason\": \"a } in {quotes\"}\n```", 1),
    (#"<think>{"grade": 0}</think>{"grade": 2}"#, 2), (#"{"grade": 2} {"grade": 2}"#, 2),
  ])
  func grades(answer: String, grade: Int) {
    #expect(Opinion(in: answer, highest: 3)?.grade == grade)
  }

  @Test(arguments: [
    "", "3", "{", "}", #"{"grade": 4}"#, #"{"grade": -1}"#, #"{"grade": "2"}"#, #"{"grade": 1e99}"#,
    #"{"grade": 1} {"grade": 2}"#, #"{"grade": 2"#, #"{"grade": null}"#,
  ])
  func nonsense(answer: String) { #expect(Opinion(in: answer, highest: 3) == nil) }

  /// By hand: 4 pairs (0,0) (1,1) (2,1) (3,0). Observed weights 0+0+1+9 = 10. Rows 1 1 1 1, columns
  /// 2 2 0 0: expected (2·(0+1+4+9) + 2·(1+0+1+4)) / 4 = 10. Kappa is 1 − 10/10 = 0.
  @Test func agreementByHand() throws {
    let agreement = JudgeAgreement([(0, 0), (1, 1), (2, 1), (3, 0)], highest: 3)
    #expect(agreement.exactShare == 0.5)
    #expect(agreement.kappa == 0)
    #expect(agreement.table == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]])
    // Observed 1; rows and columns 2 1 and 1 2 of grades 0 and 1: expected (2·2 + 1·1) / 3.
    // Kappa is 1 − 1 / (5/3).
    let other = try #require(JudgeAgreement([(0, 0), (0, 1), (1, 1)], highest: 1).kappa)
    #expect(abs(other - 0.4) < 1e-12)
  }

  @Test func agreementAtTheLimits() {
    #expect(JudgeAgreement([], highest: 3).exactShare == nil)
    #expect(JudgeAgreement([(1, 1), (1, 1)], highest: 3).kappa == nil)
    // A human grade above the judge's scale counts as the best one.
    #expect(JudgeAgreement([(9, 3), (0, 0)], highest: 3).kappa == 1)
  }

  @Test func filesOfVerdicts() throws {
    let folder = NSTemporaryDirectory() + "ltr-judge-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try createFolder(folder)
    try writeAtomically(
      "{\"_id\":\"a\",\"text\":\"x\"}\n{\"_id\":\"b\",\"text\":\"y\"}\n",
      to: folder + "/corpus.jsonl")
    try writeAtomically("{\"_id\":\"q\",\"text\":\"z\"}\n", to: folder + "/queries.jsonl")
    let file = folder + "/given.jsonl"
    try writeAtomically("{\"query_id\":\"q\",\"document_id\":\"a\",\"grade\":1}\n", to: file)
    func run(_ document: String) throws -> JudgeRun {
      try JudgeRun(
        Collection(opening: folder),
        [JudgedPair(query: "q", document: "a"), JudgedPair(query: "q", document: document)],
        JudgePrompt(), .file(file), JudgeBudget(), JudgeFolder(folder + "/out"))
    }
    let (end, summary) = try run("b").run(job: "job\n")
    #expect((end, summary.grades.count) == (.finished, 1))
    #expect(summary.leftOut == ["not in the file": 1])
    let human = Judgments([Judgment(query: "q", document: "a", grade: 1)], from: "human")
    #expect(summary.agreement(with: human).exactShare == 1)
    // Both mistakes at once, with their lines.
    try writeAtomically("{\"query_id\":\"q\"}\n{\"grade\":\n", to: file)
    let failure = try #require(throws: Failure.self) { try Verdict.read(file, highestGrade: 3) }
    #expect(failure.place?.line == 1)
    #expect(failure.further.map(\.place?.line) == [2])
    #expect(throws: Failure.self) { try run("missing") }
  }
}
