import Foundation
import Testing

/// `ltr train` with averages of weights, rates by layer and layers that are computed once more.
@Suite struct AverageCommandTests {
  private func program(_ training: String) throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: training)
    return program
  }

  private func weights(_ program: Program) throws -> Data {
    try Data(contentsOf: program.folder.appending(path: "run/model/model.safetensors"))
  }

  /// Log, metrics, notes and model card say what the weights are averaged from.
  @Test func isSaid() throws {
    let program = try program(
      "checkpoint: { every: 3 steps, keep: 2 }, "
        + "average: { ema: 0.9, checkpoints: 2, base: [0.5, 0.75] }")
    let result = try program("train recipe.yaml")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("dev after step 2 of training, moving average of 2 steps"))
    #expect(result.errors.contains("the average of the models after steps "))
    #expect(
      result.errors.contains("the sum of 0.75 of the trained weights and the rest of the base's"))
    let log = try program.read("run/log.jsonl")
    #expect(log.contains("\"averaged_steps\":8") && log.contains("\"event\":\"average\""))
    for name in ["run/metrics.json", "run/model/ltr.json"] {
      let file = try #require(
        try JSONSerialization.jsonObject(with: Data(program.read(name).utf8)) as? [String: Any])
      let average = try #require(file["average"] as? [String: Any], "\(name)")
      #expect(average["ema"] as? Double == 0.9 && average["ema_steps"] is Int, "\(name)")
      #expect((average["checkpoints"] as? [Int])?.isEmpty == false && average["base"] is Double)
    }
    #expect(try program.read("run/model/README.md").contains("moving average of "))
    #expect(try program.read("run/recipe.yaml").contains("    ema: 0.9\n"))
    // An export of the model says so as well.
    let exported = try program("export --model run --format hf --output out")
    #expect(exported.code == 0, "\(exported.errors)")
    #expect(try program.read("out/ltr.json").contains("\"ema\""))
    // A run that goes on from a checkpoint goes on with its average, and only with its recipe.
    let other = try program("train recipe.yaml --resume --set training.average.ema=0.8")
    #expect(other.code == 78)
    #expect(other.errors.contains("'ema: 0.9', not 'ema: 0.8'"), "\(other.errors)")
  }

  /// Computing layers once more changes nothing, so that a run may go on with it; a factor of 1
  /// leaves the rates alone, and another does not.
  @Test func bits() throws {
    func trained(_ training: String) throws -> Data {
      let program = try program(training)
      let result = try program("train recipe.yaml")
      #expect(result.code == 0, "\(result.errors)")
      #expect(!(try program.read("run/model/ltr.json")).contains("average"))
      return try weights(program)
    }
    let plain = try trained("seed: 7")
    #expect(try trained("recompute_layers: 1, layer_decay: 1") == plain)
    #expect(try trained("layer_decay: 0.5") != plain)
  }

  @Test func resumedWithSegments() throws {
    let program = try program("checkpoint: { every: 3 steps, keep: 5 }")
    #expect(try program("train recipe.yaml").code == 0)
    let expected = try weights(program)
    let resumed = try program(
      "train recipe.yaml --resume step-00000003.h5 --set training.recompute_layers=1")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try weights(program) == expected)
  }
}
