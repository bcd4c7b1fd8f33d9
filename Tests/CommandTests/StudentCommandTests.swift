import Foundation
import Testing

/// Smaller models of some layers of their base, and teachers that are models.
@Suite struct StudentCommandTests {
  private func program(
    _ model: String = "layers: [1]", teacher: String = "", loss: String = "softmax",
    training: String = "checkpoint: { every: 2 steps, keep: 5 }"
  ) throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: training)
    let recipe = try program.read("recipe.yaml")
      .replacing("max_length: 24 }", with: "max_length: 24, \(model) }")
      .replacing("split: train, candidates", with: "split: train\(teacher), candidates")
      .replacing("loss: softmax", with: "loss: \(loss)")
    try program.write("recipe.yaml", recipe)
    return program
  }

  private func scores(_ program: Program, _ model: String) throws -> [Double] {
    let result = try program("score --model \(model) --input pairs.jsonl")
    #expect(result.code == 0, "\(result.errors)")
    return try result.lines.map { try #require(Double($0)) }
  }

  private func configuration(_ program: Program, _ path: String) throws -> [String: Any] {
    let data = Data(try program.read(path).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// What is trained, saved, exported and read again has one layer, and a run that was interrupted
  /// ends with the same bits.
  @Test func aStudentIsAModelOfItsOwn() throws {
    let program = try program()
    let run = try program("train recipe.yaml")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("the model begins with 1 of the base's 2 layers: 1"))
    #expect(try configuration(program, "run/model/config.json")["num_hidden_layers"] as? Int == 1)
    let own = try scores(program, "run")
    #expect(try scores(program, "run/model") == own)
    #expect(try scores(program, "run/checkpoints/step-00000006.h5").count == own.count)
    let exported = try program("export --model run --format hf,onnx --output out")
    #expect(exported.code == 0, "\(exported.errors)")
    #expect(try scores(program, "out/hf") == own)
    #expect(try configuration(program, "out/hf/config.json")["num_hidden_layers"] as? Int == 1)

    // The rest of a run from a checkpoint.
    let best = try Data(contentsOf: program.folder.appending(path: "run/model/model.safetensors"))
    let resumed = try program("train recipe.yaml --resume run/checkpoints/step-00000004.h5")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(
      try Data(contentsOf: program.folder.appending(path: "run/model/model.safetensors")) == best)
    // Another choice of layers is another recipe.
    let other = try program(
      "train recipe.yaml --resume run/checkpoints/step-00000004.h5 --set model.layers=[0]")
    #expect(other.code == 78, "\(other.errors)")
  }

  @Test func mistakes() throws {
    let program = try program()
    let missing = try program("train recipe.yaml --set model.layers=[0,2]")
    #expect(missing.code == 78)
    #expect(missing.errors.contains("there is no layer 2 to keep"), "\(missing.errors)")
    #expect(missing.errors.contains("layers from 0 to 1"), "\(missing.errors)")
  }

  /// Adapters of a student know the layers of their base.
  @Test func adapters() throws {
    let program = try program("layers: { every: 2 }, lora: { rank: 2 }")
    let run = try program("train recipe.yaml")
    #expect(run.code == 0, "\(run.errors)")
    let own = try scores(program, "run")
    let adapter = try scores(program, "run/adapter")
    #expect(zip(own, adapter).allSatisfy { abs($0 - $1) < 1e-5 }, "\(own) \(adapter)")
    let settings = try configuration(program, "run/adapter/adapter_config.json")
    #expect(settings["layer_replication"] as? [[Int]] == [[0, 1]])
    // A checkpoint of adapters is read with its base.
    #expect(try scores(program, "run/checkpoints/step-00000006.h5").count == own.count)
    let again = try program("train recipe.yaml --output other --set model.base=run/adapter")
    #expect(again.code == 78 && again.errors.contains("the base is an adapter"), "\(again.errors)")
  }

  /// The scores are those of the model, computed once.
  @Test func aModelTeaches() throws {
    let program = try program(
      teacher: ", teacher: { model: model, precision: f32 }", loss: "teacher_mse")
    let dry = try program("train recipe.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    #expect(
      dry.errors.contains(
        "teacher: model, a cross-encoder, would score 5 pairs of 2 queries first"),
      "\(dry.errors)")
    #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: "run").path))
    let run = try program("train recipe.yaml")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("has scored 5 pairs of 2 queries in"), "\(run.errors)")
    #expect(run.errors.contains("the teacher has scored 5 of 5 pairs, 0 have no score"))
    let folder = program.folder.appending(path: "run/candidates")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).first {
        $0.hasPrefix("teacher-train-") && $0.hasSuffix(".run")
      })
    // The same numbers as those of `ltr rerank`.
    let reranked = try program(
      "rerank --model model --collection shop --run first.run --precision f32 --output again.run")
    #expect(reranked.code == 0, "\(reranked.errors)")
    func values(_ text: String) -> [String: Double] {
      Dictionary(
        uniqueKeysWithValues: text.split(separator: "\n").map { line in
          let words = line.split(separator: " ")
          return ("\(words[0]) \(words[2])", Double(words[4]) ?? .nan)
        })
    }
    let taught = values(try program.read("run/candidates/\(name)"))
    #expect(taught.count == 5)
    for (pair, score) in values(try program.read("again.run")) {
      #expect(abs((taught[pair] ?? .nan) - score) < 1e-5, "\(pair)")
    }

    let again = try program("train recipe.yaml --overwrite")
    #expect(again.code == 0, "\(again.errors)")
    #expect(
      again.errors.contains("teacher's scores of 5 pairs: run/candidates/\(name), kept from"),
      "\(again.errors)")
    // Another text is another question.
    try program.write(
      "shop/queries.jsonl",
      try program.read("shop/queries.jsonl").replacing("boil water", with: "boil"))
    #expect(try program("train recipe.yaml --overwrite").errors.contains("has scored 5 pairs"))
  }

  @Test func teachersThatCannotTeach() throws {
    let missing = try program(teacher: ", teacher: { model: nothing }", loss: "kl")
    let result = try missing("train recipe.yaml")
    #expect(result.code == 66 && result.errors.contains("nothing"), "\(result.errors)")
    let unused = try program(teacher: ", teacher: { model: model }")("train recipe.yaml")
    #expect(unused.code == 0)
    #expect(
      unused.errors.contains("neither the loss nor 'data.list.sampling' uses a teacher"),
      "\(unused.errors)")
  }
}
