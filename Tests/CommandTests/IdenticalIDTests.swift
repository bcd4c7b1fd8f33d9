import Foundation
import TestSupport
import Testing

/// Queries that are documents of the corpus under the same id.
@Suite struct IdenticalIDTests {
  /// Queries a1 and b1 are documents under the same id; c1 has a document's number, but other
  /// words.
  private func selfHits() throws -> Program {
    let program = try Program()
    try HandwrittenModel.write(to: program.folder.appending(path: "model"), notes: nil)
    try program.write(
      "c/corpus.jsonl",
      """
      {"_id": "a1", "text": "restore the file"}
      {"_id": "a2", "text": "restore a file"}
      {"_id": "b1", "text": "boil the water"}
      {"_id": "b2", "text": "how to boil"}
      {"_id": "c1", "text": "a dog and a cat"}

      """)
    try program.write(
      "c/queries.jsonl",
      """
      {"_id": "a1", "text": "Restore the file"}
      {"_id": "b1", "text": "boil the water"}
      {"_id": "c1", "text": "cat"}

      """)
    try program.write("c/qrels/test.tsv", "a1\ta2\t1\nb1\tb2\t1\nc1\tc1\t1\n")
    try program.write(
      "f.run",
      "a1 Q0 a1 1 9 s\na1 Q0 a2 2 8 s\nb1 Q0 b2 1 9 s\nb1 Q0 b1 2 8 s\nb1 Q0 a1 3 7 s\nc1 Q0 c1 1 1 s\n"
    )
    return program
  }

  private func ranked(_ program: Program, _ name: String) throws -> [String] {
    try program.read(name).split(separator: "\n").map {
      let columns = $0.split(separator: " ")
      return "\(columns[0]) \(columns[2])"
    }
  }

  @Test func searchesLeaveOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    #expect(try program("index build --collection c --output i").code == 0)
    let search = "index search --index i --collection c --depth 1 --output o.run --overwrite"
    let counted = try program(search)
    #expect(counted.code == 0)
    #expect(try ranked(program, "o.run") == ["a1 a1", "b1 b1", "c1 c1"])
    #expect(counted.errors.contains("note: 2 of 3 queries are among their own hits, such as 'a1'"))
    #expect(counted.errors.contains("--ignore-identical-ids excludes it"))
    let ignored = try program(search + " --ignore-identical-ids")
    #expect(ignored.code == 0)
    #expect(try ranked(program, "o.run") == ["a1 a2", "b1 b2"], "the full depth of others")
    #expect(!ignored.errors.contains("their own hits"))
  }

  @Test func rerankingLeavesOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    let rerank =
      "rerank --model model --collection c --run f.run --depth 2 --output o.run --overwrite"
    let counted = try program(rerank)
    #expect(counted.code == 0)
    #expect(counted.errors.contains("note: 2 of 3 queries are among their own candidates"))
    #expect(try Set(ranked(program, "o.run")) == ["a1 a1", "a1 a2", "b1 b1", "b1 b2", "c1 c1"])
    let ignored = try program(rerank + " --ignore-identical-ids")
    #expect(ignored.code == 0 && !ignored.errors.contains("their own candidates"))
    #expect(try Set(ranked(program, "o.run")) == ["a1 a2", "b1 b2", "b1 a1"])
    #expect(
      ignored.errors.contains("note: 1 of 3 queries have only the hit with their own id"))
  }

  /// As BEIR and pytrec_eval: the hit is taken out, and judgments stay as they are.
  @Test func evaluationLeavesOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    let evaluate = "evaluate --qrels c/qrels/test.tsv --run f.run --measures RR --per-query --json"
    func values(_ command: String) throws -> (values: [String: Double], errors: String) {
      let result = try program(command)
      let runs = try #require(try result.json()["runs"] as? [[String: Any]])
      let queries = try #require(runs[0]["per_query"] as? [[String: Any]])
      var values: [String: Double] = [:]
      for query in queries {
        let measures = query["measures"] as? [String: Double]
        values[query["query"] as? String ?? ""] = measures?["RR"]
      }
      return (values, result.errors)
    }
    let counted = try values(evaluate)
    #expect(counted.values == ["a1": 0.5, "b1": 1, "c1": 1])
    #expect(
      counted.errors.contains(
        "note: f.run: 3 of 3 queries have a hit with their own id, 2 of them at rank 1."))
    let ignored = try values(evaluate + " --ignore-identical-ids")
    #expect(ignored.values == ["a1": 1, "b1": 1, "c1": 0])
    #expect(!ignored.errors.contains("own id"))
  }

  @Test func miningLeavesOutTheQuerysCopyOnRequest() throws {
    let program = try selfHits()
    try program.write(
      "job.yaml",
      """
      collection: c
      split: test
      first_stage: { run: f.run }
      exclude: { query_text: false }
      sample: { refill: random }
      output: { folder: m, formats: [run] }
      """)
    let counted = try program("mine job.yaml")
    #expect(counted.code == 0, "\(counted.errors)")
    #expect(counted.errors.contains("note: 2 of 3 queries are among their own candidates"))
    #expect(try ranked(program, "m/negatives.run").contains("a1 a1"))
    let ignored = try program("mine job.yaml --overwrite --set exclude.ignore_identical_ids=true")
    #expect(ignored.code == 0, "\(ignored.errors)")
    #expect(!ignored.errors.contains("own candidates"))
    #expect(ignored.output.contains("candidates excluded because they have the query's own id: 2"))
    for pair in try ranked(program, "m/negatives.run") {
      let ids = pair.split(separator: " ")
      #expect(ids[0] != ids[1])
    }
    #expect(
      try program.read("m/report.md").contains("rejected: the query's own id (`identical_id`) | 2"))
  }
}
