import Corpora
import Testing

/// What is said of hits and scores that look wrong.
@Suite struct DataNoteTests {
  @Test func equalScoresAreToldFromOneCandidate() {
    var scores = EqualScores()
    scores.add("one", [1])
    scores.add("other", [1, 2])
    #expect(scores.warning("a.run") == nil)
    // Equal in the 32 bits in which runs are compared.
    scores.add("equal", [1, 1 + 1e-12, 1])
    #expect(scores.queries == 2 && scores.equal == 1)
    #expect(
      scores.warning("a.run")
        == "a.run: all scores of a query are equal for 1 of 2 queries with two candidates or more, "
        + "such as 'equal': ties are ordered by id")
  }

  @Test func hitsWithTheQuerysIDAreToldByRank() throws {
    let run = try GradedRun(
      file("a Q0 a 1 9 s\na Q0 b 2 8 s\nb Q0 a 1 9 s\nb Q0 b 2 8 s\nc Q0 a 1 1 s\n"),
      judgments: Judgments([], from: "qrels"))
    var hits = IdenticalHits()
    #expect(hits.note("a.run", of: 3, option: "-o") == nil)
    for ranking in run.rankings { hits.add(ranking) }
    #expect(
      hits.note("a.run", of: 3, option: "-o")
        == "a.run: 2 of 3 queries have a hit with their own id, 1 of them at rank 1. Where queries "
        + "are documents of the corpus, -o excludes such hits, as BEIR does")
  }
}
