import Foundation
import Testing

/// A model with early exits, from training to what is made of it.
@Suite struct ExitCommandTests {
  private func program(
    exits: String = "layers: 1, loss: 0.5", more: String = ""
  ) throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: "checkpoint: { every: 3 steps, keep: 5 }")
    let recipe = try program.read("recipe.yaml").replacing(
      "max_length: 24 }", with: "max_length: 24, exits: { \(exits) }\(more) }")
    try program.write("recipe.yaml", recipe + "optimizer: { lr: 1.0e-3 }\n")
    return program
  }

  private func scores(_ program: Program, _ model: String) throws -> [Double] {
    let result = try program("score --model \(model) --input pairs.jsonl")
    #expect(result.code == 0, "\(result.errors)")
    return try result.lines.map { try #require(Double($0)) }
  }

  private func run(_ program: Program, _ options: String) throws -> [String: Double] {
    let result = try program(
      "rerank --model run --collection shop --run first.run --output out.run --overwrite \(options)"
    )
    #expect(result.code == 0, "\(result.errors)")
    var scores: [String: Double] = [:]
    for line in try program.read("out.run").split(separator: "\n") {
      let columns = line.split(separator: " ")
      scores["\(columns[0]) \(columns[2])"] = Double(columns[4])
    }
    return scores
  }

  @Test func aWholeRun() throws {
    let program = try program()
    let trained = try program("train recipe.yaml")
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.contains("after layer 1"), "\(trained.errors)")
    // Other programs find a model without exits.
    let names = try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: "run/model/exits").path)
    #expect(names.sorted() == ["exits.json", "model.safetensors"])
    let weights = try Data(
      contentsOf: program.folder.appending(path: "run/model/model.safetensors"))
    #expect(weights.range(of: Data("exits.".utf8)) == nil)

    let whole = try run(program, "")
    #expect(try run(program, "--exits none") == whole)
    let kept = try run(program, "--exits 1:1")
    #expect(Set(kept.keys) == Set(whole.keys))
    for (key, score) in whole { #expect(abs((kept[key] ?? .nan) - score) < 1e-5) }
    #expect(try Set(run(program, "--exits auto").keys) == Set(whole.keys))

    // A cut model has the exit's scores, in every format.
    let exported = try program(
      "export --model run --layers 1 --format hf,onnx,gguf --output cut --overwrite")
    #expect(exported.code == 0, "\(exported.errors)")
    let settings = try program.read("cut/hf/config.json")
    #expect(settings.contains("\"num_hidden_layers\" : 1"))
    #expect(!(try program("inspect cut/hf --json").output.contains("exits")))
    let inspected = try program("inspect run --json").json()
    #expect(inspected["exits"] == nil)
    let described = try program("inspect run/model --json").json()
    #expect((described["exits"] as? String)?.hasPrefix("after layer 1 (") == true)
    let cut = try scores(program, "cut/hf")
    #expect(try zip(cut, scores(program, "run")).contains { abs($0 - $1) > 1e-3 })

    let bench = try program(
      "bench rerank --model run --collection shop --run first.run --exits auto --json"
        + " --max-length 24 --workers 1 --precision f32")
    #expect(bench.code == 0, "\(bench.errors)")
    let figures = try bench.json()
    for key in ["exits_median_ms", "exits_speedup", "exits_work", "median_ms"] {
      #expect(figures[key] is Double || figures[key] is Int, "\(key)")
    }
    // A whole export has the exits as well.
    #expect(try program("export --model run --format hf --output whole").code == 0)
    #expect(try scores(program, "whole") == scores(program, "run"))
    #expect(
      try program(
        "rerank --model whole --collection shop --run first.run --output w.run --exits auto"
      ).code == 0)
  }

  @Test func mistakes() throws {
    let program = try program()
    #expect(try program("train recipe.yaml").code == 0)
    let rerank = "rerank --model run --collection shop --run first.run --output x.run --exits "
    for (options, code, part) in [
      (rerank + "2", Int32(64), "no exit after layer 2"), (rerank + "1:0", 64, "1:0"),
      (rerank + "some", 64, "some"), (rerank + "3,1", 64, "3,1"),
      (rerank.replacing("--model run", with: "--model model") + "auto", 64, "has no exits"),
      ("export --model run --layers 2 --format hf --output y", 64, "no exit after layer 2"),
    ] {
      let result = try program(options)
      #expect(result.code == code && result.errors.contains(part), "\(options): \(result.errors)")
    }
    try program.write("run/model/exits/exits.json", "{}")
    let damaged = try program("score --model run --input pairs.jsonl")
    #expect(damaged.code == 65 && damaged.errors.contains("exits.json"), "\(damaged.errors)")
  }

  @Test func recipesThatDoNotFit() throws {
    for (exits, more, part) in [
      ("layers: 2", "", "from 1 to 1"), ("layers: [2, 1]", "", "ascending"),
      ("layers: 1, weights: [1, 2]", "", "2 weights for 1 exits"), ("head: own", "", "layers"),
      ("layers: 1", ", lora: { rank: 2 }", "model.lora"),
    ] {
      let result = try program(exits: exits, more: more)("train recipe.yaml")
      #expect(result.code == 78 && result.errors.contains(part), "\(exits): \(result.errors)")
    }
  }

  /// Without dev no share is chosen, and one can be given.
  @Test func withoutDev() throws {
    let program = try program(exits: "layers: 1, head: shared")
    let recipe = try program.read("recipe.yaml").split(separator: "\n").filter {
      !$0.contains("dev:") && !$0.contains("evaluation:")
    }
    try program.write("recipe.yaml", recipe.joined(separator: "\n") + "\n")
    let trained = try program("train recipe.yaml")
    #expect(trained.code == 0 && trained.errors.contains("without dev"), "\(trained.errors)")
    let rerank = "rerank --model run --collection shop --run first.run --output x.run --exits "
    let auto = try program(rerank + "auto")
    #expect(auto.code == 64 && auto.errors.contains("no share"), "\(auto.errors)")
    #expect(try program(rerank + "1:0.5").code == 0)
  }
}
