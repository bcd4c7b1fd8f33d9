import Foundation
import TestSupport
import Testing

@Suite struct RankingCommandTests {
  private func program(notes: String? = nil) throws -> Program {
    let program = try Program()
    try program.writeFixture(notes: notes)
    return program
  }

  private let rerank = "rerank --model model --collection shop --run first.run"

  /// The lines of a run as query, document, rank, score.
  private func ranking(
    _ text: String
  ) -> [(query: String, document: String, rank: Int, score: Double)] {
    text.split(separator: "\n").map { line in
      let fields = line.split(separator: " ").map(String.init)
      return (fields[0], fields[2], Int(fields[3]) ?? -1, Double(fields[4]) ?? .nan)
    }
  }

  @Test func reordersByTheModelsScores() throws {
    let program = try program()
    let result = try program("\(rerank) --output new.run")
    #expect(result.code == 0)
    #expect(result.output == "")
    #expect(result.errors.contains("1 of 5 ranked documents in the corpus not found"))
    #expect(result.errors.contains("'d9'"))
    let rounded = ranking(try program.read("new.run"))
    #expect(try program("\(rerank) --output exact.run --precision f32").code == 0)
    let new = ranking(try program.read("exact.run"))
    #expect(rounded.map(\.document).sorted() == new.map(\.document).sorted())
    let scores = try program("score --model model --input pairs.jsonl").lines.compactMap(
      Double.init)
    // The fixture's first three pairs are q1 with d1, d2 and d3.
    let expected = zip(["d1", "d2", "d3"], scores).sorted { $0.1 > $1.1 }
    #expect(new.filter { $0.query == "q1" }.map(\.document) == expected.map(\.0))
    #expect(new.map(\.rank) == [1, 2, 3, 1, 2])
    for (line, (_, score)) in zip(new, expected) { #expect(abs(line.score - score) < 1e-5) }
  }

  @Test func leavesOutWhatIsBelowTheDepth() throws {
    let program = try program()
    #expect(try program("\(rerank) --depth 1 --output new.run").code == 0)
    #expect(ranking(try program.read("new.run")).map(\.document) == ["d2", "d4"])
  }

  @Test func replacesARunOnlyWhenAsked() throws {
    let program = try program()
    try program.write("new.run", "old")
    #expect(try program("\(rerank) --output new.run").code == 73)
    #expect(try program.read("new.run") == "old")
    #expect(try program("\(rerank) --output new.run --overwrite").code == 0)
    #expect(ranking(try program.read("new.run")).count == 5)
  }

  @Test func fusesWithTheFirstStage() throws {
    let program = try program(notes: #"{"fusion_weight": 1}"#)
    #expect(try program("\(rerank) --output model.run --fuse 0").code == 0)
    #expect(try program("\(rerank) --output plain.run").code == 0)
    let documents = { (name: String) in
      try ranking(program.read(name)).filter { $0.query == "q1" }.map(\.document)
    }
    #expect(try documents("model.run") == documents("plain.run"))
    // The model's notes give the whole weight to the first stage.
    #expect(try program("\(rerank) --output first --fuse").code == 0)
    #expect(try documents("first") == ["d2", "d1", "d3"])
    // z of 9.5, 9, 7: mean 8.5, deviation sqrt((1 + 0.25 + 2.25) / 3).
    let deviation = (3.5 / 3).squareRoot()
    for (line, z) in zip(ranking(try program.read("first")), [1, 0.5, -1.5]) {
      #expect(abs(line.score - z / deviation) < 1e-12)
    }
  }

  @Test func evaluatesAsWrittenDown() throws {
    let program = try program()
    let command = "evaluate --qrels shop/qrels/test.tsv --run first.run --measures"
    let result = try program(
      command.split(separator: " ").map(String.init) + ["nDCG@10 RR AP", "--json"])
    let runs = try #require(try result.json()["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
    #expect(runs[0]["name"] as? String == "first.run")
    #expect(runs[0]["queries"] as? Int == 2)
    let measures = try #require(runs[0]["measures"] as? [String: Double])
    // q1 finds its document at rank 2, q2 at rank 1; there is one relevant document each.
    #expect(Set(measures.keys) == ["nDCG@10", "RR", "AP"])
    #expect(abs((measures["nDCG@10"] ?? 0) - (1 / log2(3.0) + 1) / 2) < 1e-12)
    #expect(measures["RR"] == 0.75)
    #expect(measures["AP"] == 0.75)
    #expect((runs[0]["ceiling"] as? [String: Double])?["RR"] == 1)
    #expect(runs[0]["per_query"] == nil)

    let table = try program("\(command) RR --per-query")
    #expect(
      table.output == """
        run           queries      RR
        first.run q1           0.5000
        first.run q2           1.0000
        first.run           2  0.7500
          ceiling              1.0000

        """)
    let twice = try program("\(command) RR --run first.run first.run --json").json()["runs"]
    #expect((twice as? [Any])?.count == 3)
  }

  @Test func countsMissingQueriesWhenAsked() throws {
    let program = try program()
    try program.write("half.run", "q2 Q0 d4 1 3 bm25\nq3 Q0 d4 1 3 bm25\n")
    let command = "evaluate --qrels shop/qrels/test.tsv --run half.run --measures RR --json"
    for (flag, queries, mean) in [("", 1, 1.0), (" -c", 2, 0.5), (" --complete", 2, 0.5)] {
      let result = try program(command + flag)
      let runs = try #require(try result.json()["runs"] as? [[String: Any]])
      #expect(runs[0]["queries"] as? Int == queries)
      #expect((runs[0]["measures"] as? [String: Double])?["RR"] == mean)
      #expect(result.errors.contains("1 judged queries are not in the run"))
      #expect(result.errors.contains("1 queries without judgments left out"))
    }
  }

  /// trec_eval's figures for the BM25 run, as the collection's own first stage has them.
  @Test func evaluatesARealRun() throws {
    guard let collection = Material.shared("collections/scifact") else { return }
    let result = try Program()([
      "evaluate", "--qrels", collection + "/qrels/test.tsv", "--run",
      collection + "/runs/bm25.test.run", "--json", "--measures", "nDCG@10 R@100",
    ])
    let runs = try #require(try result.json()["runs"] as? [[String: Any]])
    #expect(runs[0]["queries"] as? Int == 300)
    let measures = try #require(runs[0]["measures"] as? [String: Double])
    // Published BM25 results for this collection lie at 0.66 to 0.69 (Thakur et al., 2021).
    #expect((0.64...0.70).contains(measures["nDCG@10"] ?? 0))
    #expect((0.85...0.95).contains(measures["R@100"] ?? 0))
  }
}
