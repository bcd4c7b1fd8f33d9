import Corpora
import Diagnostics
import Testing

/// Runs read together with judgments, without a string for every document.
@Suite struct GradedRunTests {
  private let judgments = Judgments(
    [
      Judgment(query: "7", document: "a", grade: 2),
      Judgment(query: "7", document: "é1", grade: -1),
      Judgment(query: "7", document: "elsewhere", grade: 1),
      Judgment(query: "8", document: "b", grade: 3),
    ], from: "qrels")

  private func run(_ text: String) throws -> GradedRun {
    try GradedRun(file(text), judgments: judgments)
  }

  @Test func everyDocumentHasItsGrade() throws {
    let run = try run(
      "7 Q0 a 1 9.5 s\n7\tQ0  b 2 8 s\r\n\n8 Q0 b 1 1 s\n7 Q0 é1 3 -2e1 t\n9 Q0 a 1 0 s")
    #expect(run.rankings.map(\.query) == ["7", "8", "9"])
    #expect(run.rankings[0].scores == [9.5, 8, -20])
    #expect(run.rankings[0].grades == [2, nil, -1])
    #expect(run.rankings[1].grades == [3])
    #expect(run.rankings[2].grades == [nil])
    #expect(run.tag == "s" && run.source == "x")
  }

  @Test func idsAreComparedByTheirBytes() throws {
    let run = try run("7 Q0 b 1 1 s\n7 Q0 ab 2 1 s\n7 Q0 a 3 1 s\n7 Q0 Z 4 1 s\n7 Q0 é 5 1 s\n")
    let ranking = run.rankings[0]
    let order = [0, 1, 2, 3, 4].sorted { run.precedes($0, $1, in: ranking) }
    #expect(order == [3, 2, 1, 0, 4])
  }

  /// Many documents, so that places in the table collide, and queries that take turns.
  @Test func findsAllOfMany() throws {
    var (text, judged): (String, [Judgment]) = ("", [])
    for number in 0..<3000 {
      text += "q\(number % 2) Q0 doc-\(number / 2) 1 \(number) s\n"
      if number % 3 == 0 {
        judged.append(
          Judgment(query: "q\(number % 2)", document: "doc-\(number / 2)", grade: Double(number)))
      }
    }
    let run = try GradedRun(file(text), judgments: Judgments(judged, from: "qrels"))
    for (turn, ranking) in run.rankings.enumerated() {
      #expect(ranking.scores.count == 1500)
      for (place, grade) in ranking.grades.enumerated() {
        let number = place * 2 + turn
        #expect(grade == (number % 3 == 0 ? Double(number) : nil))
      }
    }
  }

  @Test(arguments: [
    ("7 Q0 a 1 9 s\n7 Q0 b 2 8\n", "the line '7 Q0 b 2 8' has 5 columns", 2),
    ("7 Q0 a 1 nine s\n", "the score 'nine' is not a number", 1),
    ("7 Q0 a 1 nan s\n", "the score 'nan' is not a number", 1),
    (
      "7 Q0 a 1 9 s\n8 Q0 a 1 9 s\n7 Q0 a 2 8 s\n",
      "document 'a' occurs twice for query '7', on lines 1 and 3", 3
    ),
    ("\n \n", "the file holds no ranked documents", nil as Int?),
  ])
  func mistakesHaveAPlace(text: String, problem: String, line: Int?) throws {
    do throws(Failure) {
      _ = try GradedRun(file(text), judgments: judgments)
      Issue.record("a mistake was accepted")
    } catch {
      #expect(error.problem == problem && error.place == Place("x", line: line))
      #expect(error.kind == .badData)
    }
  }

  /// What is read digit by digit is the number that the standard library reads, to the bit.
  @Test func scoresAreTheNearestNumbers() throws {
    var texts = [
      "0", "-0", "5.", ".5", "-.25", "+1.5", "1e3", "-2.5E-7", "inf", "-Infinity", "0x1p3",
      "9007199254740992", "9007199254740993", "123456789012345678", "1234567890123456789012",
      "0.1", "0.30000000000000004", "17.123456789012345", "2.2250738585072014e-308", "1e400",
    ]
    var state: UInt64 = 1
    for _ in 0..<2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      texts.append("\(Double(Int64(bitPattern: state) >> 20) / 4_294_967_296)")
      texts.append("\(Int64(bitPattern: state) >> 12).\(state >> 50)")
    }
    let text = texts.enumerated().map { "7 Q0 d\($0) 1 \($1) s\n" }.joined()
    let scores = try run(text).rankings[0].scores
    for (text, score) in zip(texts, scores) {
      let expected = try #require(Double(text), "\(text)")
      #expect(score.bitPattern == expected.bitPattern, "\(text): \(score)")
    }
  }
}
