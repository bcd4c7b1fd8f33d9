import Foundation
import Testing

/// `ltr fuse`: what it writes and refuses.
@Suite struct FuseCommandTests {
  private func program() throws -> Program {
    let program = try Program()
    try program.write(
      "a.run", "q1 Q0 d1 1 3 a\nq1 Q0 d2 2 2 a\nq1 Q0 d3 3 1 a\nq2 Q0 d1 1 9 a\n")
    try program.write("b.run", "q1 Q0 d3 1 0.9 b\nq1 Q0 d2 2 0.8 b\nq3 Q0 d4 1 0.5 b\n")
    return program
  }

  /// Documents of a query with their scores, best first.
  private func ranking(_ text: String, _ query: String) -> [(document: String, score: Double)] {
    text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      .filter { $0[0] == query }.map { ($0[2], Double($0[4]) ?? .nan) }
  }

  @Test func addsReciprocalRanks() throws {
    let program = try program()
    let result = try program("fuse --run a.run --run b.run --output f.run --json")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors == "note: 2 of 3 queries are missing from some of the runs\n")
    let summary = try result.json()
    #expect(summary["queries"] as? Int == 3 && summary["documents"] as? Int == 5)
    let found = ranking(try program.read("f.run"), "q1")
    #expect(found.map(\.document) == ["d3", "d2", "d1"])
    let expected = [1 / 61.0 + 1 / 63.0, 2 / 62.0, 1 / 61.0]
    #expect(zip(found, expected).allSatisfy { abs($0.score - $1) < 1e-12 })
    #expect(ranking(try program.read("f.run"), "q3").map(\.document) == ["d4"])
  }

  @Test func weightsAndMethods() throws {
    let program = try program()
    let runs = "fuse --run a.run --run b.run --output"
    #expect(try program("\(runs) w.run --by weighted --weight 3 --weight 1").code == 0)
    // Scaled to 0…1: a gives 1, 0.5 and 0, b gives 1 and 0.
    let found = ranking(try program.read("w.run"), "q1")
    #expect(found.map(\.document) == ["d1", "d2", "d3"])
    #expect(found[0].score > found[1].score && found[1].score > found[2].score)
    #expect(try program("\(runs) z.run --by z_score --depth 1").code == 0)
    #expect(ranking(try program.read("z.run"), "q1").count == 1)
  }

  @Test(arguments: [
    ("--run a.run", "only one run is given"),
    ("--run a.run --run a.run", "the run 'a.run' is given twice"),
    ("--run a.run --run b.run --by rff", "there is no fusion 'rff'"),
    ("--run a.run --run b.run --weight 1", "1 weights are given, and 2 runs"),
    ("--run a.run --run b.run --weight 1 --weight=-1", "a weight cannot be -1.0"),
    ("--run a.run --run b.run --depth 0", "--depth must be 1 to 1000000"),
  ]) func mistakesOfTheCommandLine(options: String, problem: String) throws {
    let program = try program()
    let result = try program("fuse \(options) --output f.run")
    #expect(result.code == 64 && result.errors.contains(problem), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: program.folder.path + "/f.run"))
  }

  @Test func mistakesOfFiles() throws {
    let program = try program()
    try program.write("other.run", "q9 Q0 d1 1 1 o\n")
    try program.write("broken.run", "q1 Q0 d1 1\n")
    let missing = try program("fuse --run a.run --run c.run --output f.run")
    #expect(missing.code == 66, "\(missing.errors)")
    let other = try program("fuse --run a.run --run other.run --output f.run")
    #expect(other.code == 65 && other.errors.contains("no query in common with 'a.run'"))
    #expect(try program("fuse --run a.run --run broken.run --output f.run").code == 65)
    #expect(!FileManager.default.fileExists(atPath: program.folder.path + "/f.run"))
    let taken = try program("fuse --run a.run --run b.run --output other.run")
    #expect(taken.code == 73, "\(taken.errors)")
    #expect(
      try program("fuse --run a.run --run b.run --output other.run --overwrite").code == 0)
  }
}
