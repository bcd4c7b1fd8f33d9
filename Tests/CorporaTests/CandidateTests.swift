import Corpora
import Diagnostics
import Files
import TestSupport
import Testing

@Suite struct CandidateTests {
  private func run(_ text: String) throws -> Run {
    try Run(file(text))
  }

  @Test func depth() throws {
    let run = try run("q1 Q0 q1 1 3 t\nq1 Q0 d1 2 2 t\nq1 Q0 d2 3 1 t\n")
    let kept = try run.candidates(depth: 2, withoutIdenticalIDs: nil)
    #expect(kept.run.documents(of: "q1").map(\.document) == ["q1", "d1"] && kept.note == nil)
    let others = try run.candidates(depth: 2, withoutIdenticalIDs: "--x")
    #expect(others.run.documents(of: "q1").map(\.document) == ["d1", "d2"])
    #expect(others.note == nil)
  }

  @Test func queriesWithoutOthers() throws {
    let some = try run("q1 Q0 q1 1 3 t\nq2 Q0 d1 1 3 t\n")
    #expect(
      try some.candidates(depth: 9, withoutIdenticalIDs: "--x").note
        == "1 of 2 queries have only the hit with their own id and are left out")
    let none = try run("q1 Q0 q1 1 3 t\n")
    let failure = #expect(throws: Failure.self) {
      _ = try none.candidates(depth: 9, withoutIdenticalIDs: "--x")
    }
    #expect(failure?.kind == .badData && failure?.remedy == "omit --x")
    #expect(failure?.place?.file == "x")
  }

  @Test func filesOfACollection() throws {
    let folder = try Fixture.folder()
    try folder.put("qrels/dev.tsv", "q1\td1\t1\n")
    try folder.put("corpus.jsonl.gz", "")
    let texts = try Collection.files(of: folder.path)
    #expect(texts.names == ["corpus.jsonl", "corpus.jsonl.gz", "queries.jsonl"])
    #expect(texts.folder.path == folder.path)
    #expect(
      try Collection.files(of: folder.path, split: "dev").names.last == "qrels/dev.tsv")
    let empty = try Material.temporaryFolder()
    try empty.put("notes.md", "nothing")
    #expect(throws: Failure.self) { try Collection.files(of: empty.path) }
  }
}
