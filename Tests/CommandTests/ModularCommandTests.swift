import Foundation
import Testing

/// A reranker of several modules through the commands: exported, trained, resumed, scored, exported
/// again.
@Suite struct ModularCommandTests {
  private static let recipe = """
    model: { base: modular, max_length: 24, freeze: [embeddings] }
    data:
      train: { collection: shop, split: train, candidates: first.run }
      dev: { collection: shop, split: test, candidates: first.run }
      list: { size: 3 }
    loss: softmax
    training:
      epochs: 2
      batch: { lists: 1 }
      workers: 1
      precision: f32
      checkpoint: { every: 1 steps, keep: 20 }
    evaluation: { every: 2 steps }
    output: run

    """

  /// A fixture with its model as modules.
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    try program.write(
      "shop/qrels/train.tsv",
      "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td4\t1\nq2\td1\t0\n")
    try program.write("recipe.yaml", Self.recipe)
    try succeed(
      program, "export --model model --format sentence-transformers --output modular")
    return program
  }

  @discardableResult
  private func succeed(
    _ program: Program, _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Program.Result {
    let result = try program(line)
    #expect(result.code == 0, "\(result.errors)", sourceLocation: sourceLocation)
    return result
  }

  private func scores(_ program: Program, _ model: String) throws -> [Double] {
    let result = try succeed(program, "score --model \(model) --input pairs.jsonl --precision f32")
    return try result.lines.map { try #require(Double($0)) }
  }

  @Test func modulesScoreAsTheClassifier() throws {
    let program = try program()
    let own = try scores(program, "model")
    #expect(own.count == 4)
    #expect(try scores(program, "modular") == own)
    let inspected = try succeed(program, "inspect modular --json").json()
    #expect(
      inspected["modules"] as? String == "Pooling (first), 2_Dense.linear, 3_Dense.linear")
    #expect(inspected["score_head"] as? String == "in the file")
    try succeed(program, "export --model modular --format hf --output plain")
    #expect(try scores(program, "plain") == own)
  }

  /// The folder of a run and its checkpoints have the modules, and training goes on from them.
  @Test func training() throws {
    let program = try program()
    try succeed(program, "train recipe.yaml")
    #expect(try scores(program, "run").count == 4)
    let modules = try program.read("run/model/modules.json")
    #expect(modules.contains("3_Dense") && modules.contains("Pooling"))
    let checkpoint = "run/checkpoints/step-00000003.h5"
    let kept = try scores(program, checkpoint)
    #expect(try kept != scores(program, "modular"))
    try succeed(program, "export --model \(checkpoint) --format hf,onnx --output plain")
    for (a, b) in zip(try scores(program, "plain/hf"), kept) { #expect(abs(a - b) < 1e-5) }
    // A run that is killed goes on to the same weights.
    let weights = "run/model/3_Dense/model.safetensors"
    let expected = try Data(contentsOf: program.folder.appending(path: weights))
    try succeed(program, "train recipe.yaml --resume run/checkpoints/step-00000002.h5")
    #expect(try Data(contentsOf: program.folder.appending(path: weights)) == expected)
  }
}
