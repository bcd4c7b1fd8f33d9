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
}
