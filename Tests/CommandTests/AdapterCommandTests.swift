import Foundation
import Testing

/// A run with adapters, from training to what is made of it.
@Suite struct AdapterCommandTests {
  private func program(_ adapters: String = "rank: 2, alpha: 8, dropout: 0.1") throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: "checkpoint: { every: 3 steps, keep: 5 }")
    let recipe = try program.read("recipe.yaml").replacing(
      "max_length: 24 }", with: "max_length: 24, lora: { \(adapters) } }")
    try program.write("recipe.yaml", recipe + "optimizer: { lr: 1.0e-2 }\n")
    return program
  }

  private func trained(_ program: Program, _ more: String = "") throws {
    let result = try program("train recipe.yaml" + more)
    #expect(result.code == 0, "\(result.errors)")
  }

  private func scores(_ program: Program, _ model: String) throws -> [Double] {
    let result = try program("score --model \(model) --input pairs.jsonl")
    #expect(result.code == 0, "\(result.errors)")
    return try result.lines.map { try #require(Double($0)) }
  }

  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? .infinity : .infinity
  }

  private func bytes(_ program: Program, _ path: String) throws -> Data {
    try Data(contentsOf: program.folder.appending(path: path))
  }

  /// The adapter and the merged model are the same one; checkpoints and exports are models too.
  @Test func aWholeRun() throws {
    let program = try program()
    let base = try scores(program, "model")
    try trained(program)
    let own = try scores(program, "run")
    #expect(distance(own, base) > 0.01, "\(own) of \(base)")
    #expect(try distance(scores(program, "run/adapter"), own) < 1e-5)
    #expect(try scores(program, "run/model") == own)
    // Of the steps without an evaluation the newest has the weights of the last step.
    #expect(try scores(program, "run/checkpoints/step-00000006.h5").count == own.count)
    let settings = try JSONSerialization.jsonObject(
      with: bytes(program, "run/adapter/adapter_config.json"))
    let keys = try #require(settings as? [String: Any])
    #expect(keys["r"] as? Int == 2 && keys["base_model_name_or_path"] as? String == "model")
    let inspected = try program("inspect run/adapter --json").json()
    #expect(inspected["adapter"] as? String == "rank 2, added to model")
    for model in ["run", "run/adapter"] {
      let exported = try program(
        "export --model \(model) --format hf,onnx --output out --overwrite")
      #expect(exported.code == 0, "\(exported.errors)")
      #expect(try distance(scores(program, "out/hf"), own) < 1e-5)
    }
    // Nothing of the base has changed.
    #expect(try scores(program, "model") == base)
  }

  /// A run that goes on from a checkpoint ends with the same bytes.
  @Test func resumed() throws {
    let program = try program()
    try trained(program)
    let files = ["run/model/model.safetensors", "run/adapter/adapter_model.safetensors"]
    let expected = try files.map { try bytes(program, $0) }
    try trained(program, " --resume step-00000003.h5")
    for (file, wanted) in zip(files, expected) { #expect(try bytes(program, file) == wanted) }
    // Not with a base of other values.
    var weights = try bytes(program, "model/model.safetensors")
    weights[weights.count - 1] ^= 1
    try weights.write(to: program.folder.appending(path: "model/model.safetensors"))
    let result = try program("train recipe.yaml --resume step-00000003.h5")
    #expect(result.code == 65 && result.errors.contains("model"), "\(result.errors)")
  }

  /// Training of an adapter goes on, with its own settings and without sums of two adapters.
  @Test func goingOn() throws {
    let program = try program()
    try trained(program)
    let own = try scores(program, "run")
    let again = " --set model.base=run/adapter --output second"
    try trained(program, again)
    let second = try scores(program, "second")
    #expect(distance(second, own) > 1e-3)
    #expect(try distance(scores(program, "second/adapter"), second) < 1e-5)
    let adapter = try program.read("second/adapter/adapter_config.json")
    #expect(adapter.contains("\"base_model_name_or_path\" : \"model\""), "\(adapter)")
    for (change, problem) in [
      ("model.lora.rank=3", "the adapter has a rank of 2"),
      ("training.average.base=0.5", "there is no sum of an adapter that goes on"),
      ("model.freeze=embeddings", "'model.freeze' cannot be combined with 'model.lora'"),
      ("model.lora.targets=quary", "no linear layer of the encoder is called 'quary'"),
    ] {
      let result = try program("train recipe.yaml\(again)-\(change.count) --set \(change)")
      #expect(result.code == 78 && result.errors.contains(problem), "\(change): \(result.errors)")
      #expect(result.errors.contains("to do: "), "\(result.errors)")
    }
  }
}
