import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct JudgmentsTests {
  @Test(arguments: [
    "query-id\tcorpus-id\tscore\nq2\td1\t1\nq1\td 2\t-2\nq2\td3\t0.5\n",
    "q2\td1\t1\r\n\r\nq1\td 2\t-2\r\nq2\td3\t0.5",
  ])
  func readsThreeColumns(text: String) throws {
    let judgments = try Judgments(file(text, "x.tsv"))
    #expect(judgments.queries == ["q2", "q1"])
    #expect(judgments.count == 3)
    #expect(
      judgments.judgments(of: "q2") == [
        Judgment(query: "q2", document: "d1", grade: 1),
        Judgment(query: "q2", document: "d3", grade: 0.5),
      ])
    #expect(judgments.grade(of: "d 2", for: "q1") == -2)
    #expect(judgments.grade(of: "d1", for: "q1") == nil)
    #expect(judgments.grades(of: "q3").isEmpty)
    #expect(judgments.contains(query: "q1") && !judgments.contains(query: "q3"))
  }

  @Test(arguments: ["q 0 d1 -1\nq 0 d2 2\n", "q\tQ0\td1\t-1\nq  Q0\td2   2\r\n"])
  func readsFourColumns(text: String) throws {
    let judgments = try Judgments(file(text))
    #expect(judgments.grades(of: "q") == ["d1": -1, "d2": 2])
    #expect(judgments.judgments(of: "q").map(\.isRelevant) == [false, true])
  }

  @Test func repetitionsAreCountedAndContradictionsRefused() throws {
    let judgments = try Judgments(file("q 0 d 1\nq 0 e 0\nq 0 d 1\n"))
    #expect(judgments.count == 2)
    #expect(judgments.repetitionCount == 1)
    #expect(
      throws: Failure(
        .badData, "document 'd' is judged twice for query 'q', with grade 1.0 and with grade 0.0",
        at: Place("x", line: 2), expected: "one grade per query and document",
        remedy: "remove one of the two lines")
    ) { try Judgments(file("q 0 d 1\nq 0 d 0\n")) }
  }

  private static let either =
    "three columns separated by tabs (query, document, grade) or four separated by whitespace "
    + "(query, 0, document, grade)"
  private static let three = "three separated by tabs as on the first line: query, document, grade"
  private static let four =
    "four separated by whitespace as on the first line: query, 0, document, grade"
  private static let number = "a number such as 0, 1 or 0.5; 1 or more is relevant"

  @Test(arguments: [
    ("q d 1\n", 1, "the line 'q d 1' is not a judgment", either),
    ("q 0 d 1 x\n", 1, "the line 'q 0 d 1 x' is not a judgment", either),
    ("q\td\t1\nq\td\n", 2, "the line 'q\\td' has 2 columns", three),
    ("q\td\t1\nq\t\t1\n", 2, "the line 'q\\t\\t1' has an empty column", three),
    ("q 0 d 1\n\nq 0 d\n", 3, "the line 'q 0 d' has 3 columns", four),
    ("q 0 d 1\nq\n", 2, "the line 'q' has 1 column", four),
    ("q\td\tx\n", 1, "the grade 'x' is not a number", number),
    ("query-id\tcorpus-id\tscore\nq\td\thigh\n", 2, "the grade 'high' is not a number", number),
    ("q 0 d nan\n", 1, "the grade 'nan' is not a number", number),
    ("query-id\tcorpus-id\tscore\n", nil, "the file holds no judgments", either),
    ("", nil, "the file holds no judgments", either),
  ])
  func malformedLinesAreNamed(text: String, line: Int?, problem: String, expected: String) {
    #expect(
      throws: Failure(.badData, problem, at: Place("x", line: line), expected: expected)
    ) { try Judgments(file(text)) }
  }

  @Test func opensCompressedFilesAndThoseInArchives() throws {
    let folder = try Fixture.folder()
    try shell("gzip -c qrels/test.tsv > q.gz; zip -q -r c.zip qrels", in: folder)
    for name in ["qrels/test.tsv", "q.gz", "c.zip/qrels/test.tsv"] {
      #expect(try Judgments(opening: folder.at(name)).count == 2)
    }
  }
}
