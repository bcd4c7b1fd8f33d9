import Foundation
import Testing

/// `ltr fuse --fit`: weights fitted to judgments.
@Suite struct FittedFusionTests {
  /// Twenty queries: a.run always has the relevant document first, b.run and c.run have it last.
  private func program() throws -> Program {
    let program = try Program()
    let queries = (1...20).map { "q\($0)" }
    let wrong = queries.map { "\($0) Q0 d1 1 3 b\n\($0) Q0 d2 2 2 b\n\($0) Q0 d3 3 1 b\n" }
    try program.write(
      "a.run",
      queries.map { "\($0) Q0 d3 1 3 a\n\($0) Q0 d2 2 2 a\n\($0) Q0 d1 3 1 a\n" }.joined())
    try program.write("b.run", wrong.joined())
    try program.write("c.run", wrong.joined())
    try program.write("dev.qrels", queries.map { "\($0) 0 d3 1\n" }.joined())
    return program
  }

  @Test func fitsAndApplies() throws {
    let program = try program()
    let runs = "fuse --run a.run --run b.run --run c.run"
    let result = try program("\(runs) --fit dev.qrels --output f.run --json")
    #expect(result.code == 0, "\(result.errors)")
    let fit = try #require(try result.json()["fit"] as? [String: Any])
    // Equal weights leave the relevant document last; alone, a.run is perfect, and so no weights
    // gain over it.
    #expect(fit["rule"] as? String == "single")
    #expect(fit["weights"] as? [Double] == [1, 0, 0])
    let values = try #require(fit["cross_validated"] as? [String: Double])
    #expect(values == ["equal": 0.5, "single": 1, "fitted": 1])
    #expect((fit["folds"] as? [Double]) == [1, 1, 1, 1, 1])
    let weights = "--by z_score --weight 1 --weight 0 --weight 0"
    #expect(try program("\(runs) \(weights) --output g.run").code == 0)
    #expect(try program.read("f.run") == program.read("g.run"))
  }

  @Test func saysWhatItFitted() throws {
    let program = try program()
    let result = try program(
      "fuse --run a.run --run b.run --run c.run --fit dev.qrels --measure RR --folds 2 "
        + "--output f.run")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("RR, cross-validated over 20 queries in 2 folds: equal "))
    let options = "--by z_score --weight 1.0 --weight 0.0 --weight 0.0"
    #expect(result.output.contains("to apply them: \(options)\n"))
  }

  @Test(arguments: [
    ("--measure RR", 64, "--measure applies only to fitted weights"),
    ("--folds 3", 64, "--folds applies only to fitted weights"),
    ("--fit dev.qrels --by rrf", 64, "--fit cannot be combined with --by rrf"),
    ("--fit dev.qrels --weight 1 --weight 1", 64, "--fit and --weight both set the weights"),
    ("--fit dev.qrels --folds 1", 64, "--folds cannot be 1"),
    ("--fit dev.qrels --folds 21", 65, "weights cannot be fitted to 20 judged queries in 21 folds"),
    ("--fit dev.qrels --measure nDGC@10", 64, "nDGC"),
    ("--fit none.qrels", 66, "none.qrels"),
  ]) func mistakes(options: String, code: Int32, problem: String) throws {
    let program = try program()
    let result = try program("fuse --run a.run --run b.run \(options) --output f.run")
    #expect(result.code == code && result.errors.contains(problem), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: program.folder.path + "/f.run"))
  }
}
