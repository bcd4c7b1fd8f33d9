import Corpora
import Testing

@Suite struct IdenticalIDTests {
  /// Query a is document a; query b is document b with a title of its own; query c and document c
  /// share nothing but the id.
  private func collection() throws -> Corpora.Collection {
    try Fixture.collection(
      corpus: """
        {"_id": "a", "text": "Eating  meat is wrong"}
        {"_id": "b", "title": "Cars", "text": "no cars in cities"}
        {"_id": "c", "title": "", "text": "taxes"}
        {"_id": "d", "text": "other"}

        """,
      queries: """
        {"_id": "a", "text": "eating meat is wrong "}
        {"_id": "b", "text": "no cars in cities"}
        {"_id": "c", "text": "how to boil water"}
        {"_id": "d", "text": "other"}

        """)
  }

  @Test func onlyDocumentsWithTheQuerysWordsAreCopies() throws {
    let collection = try collection()
    var copies = IdenticalIDs()
    #expect(copies.note("hits", option: "-o") == nil)
    for query in ["c", "b", "a"] {
      try copies.add(query, hits: ["a", "b", "c"], in: collection)
    }
    // Its own copy is not among the hits.
    try copies.add("d", hits: ["a"], in: collection)
    #expect(copies.queries == 4 && copies.copies == 2 && copies.example == "b")
    #expect(
      copies.note("hits", option: "-o")
        == "2 of 4 queries are among their own hits, such as 'b': a document with the query's id and "
        + "text is included by default; -o excludes it")
  }

  @Test func runsWithoutThem() throws {
    let run = try Run(file("a Q0 a 1 9 s\na Q0 b 2 8 s\nb Q0 b 1 3 s\nc Q0 a 1 3 s\n", "run"))
    let others = run.withoutIdenticalIDs
    #expect(others.queries == ["a", "b", "c"])
    #expect(others.documents(of: "a").map(\.document) == ["b"])
    #expect(others.documents(of: "b").isEmpty && others.contains(query: "b"))
    #expect(others.documents(of: "c").map(\.document) == ["a"])
    #expect(others.tag == "s")
  }

  /// Whatever place the document has in the file.
  @Test func rankingsWithoutThem() throws {
    let judgments = try Judgments(file("ä 0 b 1\nb 0 a 1\n"))
    let run = try GradedRun(
      file("ä Q0 b 1 9 s\nä Q0 ä 2 8 s\nä Q0 c 3 7 s\nb Q0 a 1 9 s\n", "run"),
      judgments: judgments)
    let (first, second) = (run.rankings[0], run.rankings[1])
    #expect(first.identical == 1 && second.identical == nil)
    let others = first.withoutIdenticalID
    #expect(others.scores == [9, 7] && others.grades == [1, nil] && others.identical == nil)
    #expect(run.precedes(0, 1, in: others) && !run.precedes(1, 0, in: others), "b is before c")
    #expect(second.withoutIdenticalID.scores == second.scores)
  }
}
