import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct RunTests {
  /// Ranks that start at 0, are constant, or contradict the scores, and queries that take turns.
  @Test(arguments: [
    "q Q0 a 0 1.5 s\nq Q0 b 1 3 s\np Q0 a 0 1 s\nq Q0 c 2 1.5 s\n",
    "q\tQ0\ta\t1\t1.5\ts\r\nq Q0  b 1 3e0 s\r\n\r\np Q0 a 1 1 s\nq Q0 c 1 1.5 s",
    "\u{FEFF}q 0 a 1 1.5 s\nq 0 b 3 3.0 s\np 0 a 7 1 s\nq 0 c 2 1.5 s\n",
  ])
  func ordersByScoreThenByIdDescending(text: String) throws {
    let run = try Run(file(text))
    #expect(run.queries == ["q", "p"])
    #expect(run.tag == "s")
    #expect(run.count == 4)
    #expect(
      run.documents(of: "q") == [
        ScoredDocument(document: "b", score: 3), ScoredDocument(document: "c", score: 1.5),
        ScoredDocument(document: "a", score: 1.5),
      ])
    #expect(run.documents(of: "z").isEmpty)
    #expect(run.contains(query: "p") && !run.contains(query: "z"))
    #expect(run.prefix(1).documents(of: "q").map(\.document) == ["b"])
    #expect(run.prefix(1).count == 2)
  }

  /// trec_eval's own test file results.trunc has such lines.
  @Test func whatFollowsTheTagIsPassedOver() throws {
    let text = "q Q0 a 1 2 s t\nq Q0 b 2 1 s extra fields 7\nq Q0 c 3 0.5 s\n"
    let run = try Run(file(text))
    #expect(run.tag == "s")
    #expect(run.documents(of: "q").map(\.document) == ["a", "b", "c"])
    let judgments = Judgments([Judgment(query: "q", document: "b", grade: 1)], from: "qrels")
    #expect(try GradedRun(file(text), judgments: judgments).rankings[0].grades == [nil, 1, nil])
    let folder = try Material.temporaryFolder()
    try folder.put("x.run", text)
    #expect(try RunFile(opening: folder.at("x.run")).documents(of: "q").count == 3)
    // A document twice is found on such lines too.
    let failure = #expect(throws: Failure.self) { try Run(file(text + "q Q0 b 4 0.1 s t\n")) }
    #expect(failure?.place?.line == 4)
  }

  /// UTF-16 as Windows writes it, and ids in another encoding.
  @Test func otherEncodingsAreReadOrTold() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("plain.run", "q Q0 ä 1 2 s\nq Q0 b 2 1 s\n")
    try shell(
      "iconv -t UTF-16 plain.run > wide.run; iconv -t UTF-16LE plain.run > bare.run;"
        + " iconv -t CP1252 plain.run > latin.run", in: folder)
    let judgments = Judgments([Judgment(query: "q", document: "ä", grade: 1)], from: "qrels")
    for (name, warnings) in [("plain", 0), ("wide", 0), ("bare", 1)] {
      let path = folder.at("\(name).run")
      let run = try Run(opening: path)
      #expect(run.documents(of: "q").map(\.document) == ["ä", "b"])
      #expect(run.textFaults.warnings.count == warnings)
      let graded = try GradedRun(opening: path, judgments: judgments)
      #expect(graded.rankings[0].grades == [1, nil])
      #expect(graded.textFaults == run.textFaults)
      let file = try RunFile(opening: path)
      #expect(try file.documents(of: "q") == run.documents(of: "q"))
      #expect(file.textFaults == run.textFaults)
    }
    let latin = try Run(opening: folder.at("latin.run"))
    #expect(latin.textFaults.notUTF8 == .init(count: 1, firstLine: 1))
    #expect(latin.prefix(1).textFaults == latin.textFaults)
    #expect(latin.documents(of: "q").map(\.document) == ["\u{FFFD}", "b"])
  }

  private static let six = "six separated by whitespace: query, Q0, document, rank, score, tag"
  private static let number = "a number such as 12.5 in the fifth column"

  @Test(
    arguments: [
      ("q Q0 a 1 2 s\nq Q0 b 2 1\n", 2, "the line 'q Q0 b 2 1' has 5 columns", six, nil),
      (
        "{\"query\": \"a b\", \"text\": \"c d e\"}\n", 1,
        "the line '{\"query\": \"a b\", \"text\": \"c d e\"}' has 7 columns", six, nil
      ),
      (
        "q Q0 a 1 2 s\nq Q0 b 7 2 1.5 s\n", 2,
        "the line 'q Q0 b 7 2 1.5 s' has 7 columns, with the number '1.5' in place of the tag", six,
        "replace whitespace in ids by another character, here and in the collection"
      ),
      ("q Q0 a 1 nan s\n", 1, "the score 'nan' is not a number", number, nil),
      ("q Q0 a 1 high s\n", 1, "the score 'high' is not a number", number, nil),
      (
        "q Q0 a 1 2 s\np Q0 a 1 2 s\n\nq Q0 a 2 1 s\n", 4,
        "document 'a' occurs twice for query 'q', on lines 1 and 4",
        "each document once per query", "remove one of the two lines"
      ),
      (
        "\n", nil, "the file holds no ranked documents",
        "lines of six columns: query, Q0, document, rank, score, tag", nil
      ),
    ] as [(String, Int?, String, String, String?)])
  func malformedLinesAreNamed(
    text: String, line: Int?, problem: String, expected: String, remedy: String?
  ) {
    #expect(
      throws: Failure(
        .badData, problem, at: Place("x", line: line), expected: expected, remedy: remedy)
    ) { try Run(file(text)) }
  }

  @Test func isWrittenInTheFormatAndReadBackTheSame() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.at("out.run")
    let close = 0.1 + 0.2
    let run = Run(
      [
        (
          "q2",
          [
            ScoredDocument(document: "a", score: close),
            ScoredDocument(document: "b", score: close.nextUp),
            ScoredDocument(document: "c", score: -1e-30),
          ]
        ), ("q1", [ScoredDocument(document: "a", score: 7)]),
      ], tag: "mine", from: "memory")
    try run.write(to: path)
    #expect(
      try readFile(path).text == """
        q2 Q0 b 1 0.3000000000000001 mine
        q2 Q0 a 2 0.30000000000000004 mine
        q2 Q0 c 3 -1e-30 mine
        q1 Q0 a 1 7.0 mine

        """)
    let read = try Run(opening: path)
    #expect(read.queries == run.queries)
    #expect(read.documents(of: "q2") == run.documents(of: "q2"))
    #expect(read.tag == "mine")
    try shell("gzip -k out.run; zip -q r.zip out.run", in: folder)
    #expect(try Run(opening: folder.at("out.run.gz")).count == 4)
    #expect(try Run(opening: folder.at("r.zip/out.run")).count == 4)
  }

  @Test(arguments: [
    ("q q", "a", "t", "the query id 'q q' is not allowed in a TREC run"),
    ("q", "a\u{A0}b", "t", "the document id 'a\u{A0}b' is not allowed in a TREC run"),
    ("q", "", "t", "the document id '' is not allowed in a TREC run"),
    ("q", "a", "my tag", "the tag 'my tag' is not allowed in a TREC run"),
  ])
  func whatTheFormatCannotSayIsRefused(
    query: String, document: String, tag: String, problem: String
  ) throws {
    let path = try Material.temporaryFolder().at("x.run")
    let run = Run(
      [(query, [ScoredDocument(document: document, score: 1)])], tag: "", from: "memory")
    #expect(
      throws: Failure(
        .badData, problem, at: Place(path), expected: "at least one character and no whitespace",
        remedy: "change \(problem.prefix { $0 != "'" }.dropLast())")
    ) { try run.write(to: path, tag: tag) }
    #expect(fileKind(at: path) == nil)
  }
}
