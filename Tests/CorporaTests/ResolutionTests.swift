import Corpora
import Diagnostics
import Files
import TestSupport
import Testing

@Suite struct ResolutionTests {
  private func judgments(_ text: String) throws -> Judgments {
    try Judgments(file(text, "qrels"))
  }

  private func run(_ text: String) throws -> Run {
    try Run(file(text, "run"))
  }

  @Test func countsWhatDoesNotResolve() throws {
    let collection = try Fixture.collection()
    let resolution = Resolution(
      of: try judgments("q1 0 d1 1\nq1 0 x 1\nq2 0 d2 0\nq3 0 d1 1\nq2 0 y 1\n"),
      try run("q1 Q0 d1 1 2 s\nq2 Q0 x 1 2 s\nq2 Q0 d3 2 1 s\nq9 Q0 d1 1 1 s\n"), in: collection)
    #expect(resolution.queries == ["q1", "q2"])
    #expect(resolution.withoutRelevant == 1)
    #expect(
      resolution.description == """
        judged queries among the collection's queries: 2 of 3; missing: 'q3'
        judged documents in the corpus: 2 of 4; missing: 'x', 'y'
        judgments with both: 2 of 5
        ranked queries among the collection's queries: 2 of 3; missing: 'q9'
        ranked documents in the corpus: 2 of 3; missing: 'x'
        judged queries in the run: 2 of 3; missing: 'q3'
        usable queries: 2
        usable queries without a relevant document: 1
        """)
    try resolution.requireQueries()
  }

  @Test func showsFiveExamplesAtMost() throws {
    let text = (1...7).map { "q1 0 x\($0) 1\n" }.joined() + "q1 0 d1 1\n"
    let resolution = Resolution(of: try judgments(text), nil, in: try Fixture.collection())
    #expect(
      resolution.parts[1].line
        == "judged documents in the corpus: 1 of 8; missing: 'x1', 'x2', 'x3', 'x4', 'x5' …")
    #expect(resolution.parts[1].missing == 7)
  }

  @Test(
    arguments: [
      (
        "z 0 d1 1\n", nil, "none of the judged queries is among the collection's queries",
        "matching ids, unlike 'z'", "check that these files belong together"
      ),
      (
        "q1 0 z 1\n", nil, "none of the judged documents is in the corpus",
        "matching ids, unlike 'z'", "check that these files belong together"
      ),
      (
        "q1 0 d1 1\n", "q2 Q0 d1 1 1 s\n", "none of the judged queries is in the run",
        "matching ids, unlike 'q1'", "check that these files belong together"
      ),
      (
        "q1 0 d1 1\n", "q1 Q0 z 1 1 s\n", "none of the ranked documents is in the corpus",
        "matching ids, unlike 'z'", "check that these files belong together"
      ),
      (
        "q01 0 d1 1\n", nil, "none of the judged queries is among the collection's queries",
        "matching ids, unlike 'q01'",
        "use the same leading zeros in all files: 'q01' is 'q1' there"
      ),
      (
        nil, "z Q0 d1 1 1 s\n", "none of the ranked queries is among the collection's queries",
        "matching ids, unlike 'z'", "check that these files belong together"
      ),
    ] as [(String?, String?, String, String, String)])
  func nothingLeftSaysWhoAteIt(
    qrels: String?, ranked: String?, reason: String, expected: String, remedy: String
  ) throws {
    let resolution = Resolution(
      of: try qrels.map(judgments), try ranked.map(run), in: try Fixture.collection())
    #expect(resolution.queries.isEmpty)
    #expect(
      throws: Failure(
        .badData, "no query is left: \(reason)", at: Place(qrels == nil ? "run" : "qrels"),
        expected: expected, remedy: remedy)
    ) { try resolution.requireQueries() }
  }

  @Test func zeroPaddingIsHintedAtInBothDirections() throws {
    let collection = try Fixture.collection(
      corpus: #"{"_id": "0012"}"# + "\n" + #"{"_id": "CACM-7"}"# + "\n" + #"{"_id": "0"}"#)
    for (id, existing) in [("12", "0012"), ("00012", "0012"), ("CACM-0007", "CACM-7"), ("00", "0")]
    {
      let resolution = Resolution(of: try judgments("q1 0 \(id) 1\n"), nil, in: collection)
      #expect(resolution.parts[1].padding?.id == id)
      #expect(resolution.parts[1].padding?.existing == existing)
      #expect(resolution.description.contains("('\(existing)' exists: leading zeros differ)"))
    }
    let other = Resolution(of: try judgments("q1 0 120 1\n"), nil, in: collection)
    #expect(other.parts[1].padding == nil)
  }
}
