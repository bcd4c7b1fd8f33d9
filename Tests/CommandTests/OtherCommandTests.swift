import Foundation
import TestSupport
import Testing

@Suite struct OtherCommandTests {
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  @Test func lossShowsValueAndGradient() throws {
    let program = try program()
    let json = try program("loss mse --scores -0.5,2 --labels 0,1 --json").json()
    // Mean of (s − y)²: (0.25 + 1) / 2, gradient 2 (s − y) / 2.
    #expect(json["value"] as? Double == 0.625)
    #expect(json["gradient"] as? [Double] == [-0.5, 1])
    // Weights 3 and 1: (3 · 0.25 + 1) / 4, gradient w · 2 (s − y) / 4.
    let weighted = try program("loss mse --scores -0.5,2 --labels 0,1 --weights 3,1 --json").json()
    #expect(weighted["value"] as? Double == 0.4375)
    #expect(weighted["gradient"] as? [Double] == [-0.75, 0.5])
    let masked = try program("loss mse --scores -0.5,2 --labels 0,1 --mask 1,0 --json").json()
    #expect(masked["value"] as? Double == 0.25)
    #expect(masked["gradient"] as? [Double] == [-1, 0])
    let table = try program(
      "loss mse --scores -0.5,2 --labels 0,1 --teachers 3,nan --weights 3,1 --mask 1,1")
    #expect(
      table.lines.dropFirst().first?.split(separator: " ")
        == ["score", "label", "teacher", "weight", "mask", "gradient"])
    #expect(table.output.contains("nan"))
    let names = try #require(
      try program("loss --list --json").json()["losses"] as? [[String: Any]]
    ).compactMap { $0["name"] as? String }
    #expect(names.contains("lambdarank"))
    let list = try program("loss --list").output
    for name in names { #expect(list.contains("\n" + name) || list.hasPrefix(name)) }
    let hard = try program("loss softmax --scores 1,2 --labels 0,1 --json").json()["value"]
    let soft = try program(
      "loss softmax --scores 1,2 --labels 0,1 --option temperature=5 --json"
    ).json()["value"]
    #expect(hard as? Double != soft as? Double)
  }

  @Test func inspectSaysWhatThingsAre() throws {
    let program = try program()
    func inspect(_ path: String) throws -> [String: Any] {
      try program("inspect \(path) --json").json()
    }
    let model = try inspect("model")
    #expect(model["kind"] as? String == "model")
    #expect(model["layers"] as? Int == 2)
    #expect(model["parameters"] as? Int == HandwrittenModel.values().joined().count)
    #expect(model["max_length"] as? Int == 24)
    let collection = try inspect("shop")
    #expect(collection["kind"] as? String == "collection")
    #expect(collection["documents"] as? Int == 4)
    let splits = try #require(collection["splits"] as? [String: [String: Any]])
    #expect(splits["test"]?["judgments"] as? Int == 3)
    #expect(splits["test"]?["grades"] as? [String: Int] == ["0": 1, "1": 1, "2": 1])
    let run = try inspect("first.run")
    #expect(run["kind"] as? String == "run")
    #expect(run["most_documents_a_query"] as? Int == 4)
    #expect(try inspect("shop/qrels/test.tsv")["kind"] as? String == "judgments")
    try program.write(
      "lists.jsonl",
      #"{"query": "q", "documents": [{"text": "a", "label": 2}, {"text": "b", "teacher": 1}]}"#
        + "\n"
        + #"{"query": "r", "documents": [{"text": "a", "label": 1, "position": 1}]}"#)
    let lists = try inspect("lists.jsonl")
    #expect(lists["kind"] as? String == "lists")
    #expect(lists["lists"] as? Int == 2 && lists["documents"] as? Int == 3)
    #expect(lists["labels_above_0"] as? Int == 2 && lists["most_documents_a_list"] as? Int == 2)
    #expect(lists["teacher_scores"] as? Int == 1 && lists["positions"] as? Int == 1)
    try program.write("done/metrics.json", #"{"test": {"nDCG@10": 0.5}}"#)
    try program.write("done/model/config.json", "{}")
    let done = try inspect("done")
    #expect(done["kind"] as? String == "run directory")
    #expect((done["metrics"] as? [String: [String: Double]])?["test"] == ["nDCG@10": 0.5])
    #expect(try program("inspect shop").output.contains("documents"))
  }

  @Test func initWritesARecipe() throws {
    let program = try program()
    let result = try program("init a/b")
    #expect(result.code == 0)
    #expect(result.output == "a/b/recipe.yaml\n")
    #expect(try program.read("a/b/recipe.yaml").contains("base:"))
    #expect(try program("init").output == "recipe.yaml\n")
    #expect(try program("init").code == 73)
  }

  @Test func benchReportsWhatIsPromised() throws {
    let program = try program()
    let common = "--model model --collection shop --run first.run --max-length 24 --json"
    // One command line fits all measurements.
    let options = "\(common) --steps 2 --batch-pairs 4"
    let rerank = try program("bench rerank \(options) --precision f32").json()
    for key in [
      "pairs_per_second", "tokens_per_second", "median_ms", "gemm_gflops", "gemm_share",
      "peak_memory_mb", "workers",
    ] {
      #expect((rerank[key] as? Double) ?? -1 >= 0, "\(key)")
    }
    #expect(rerank["precision"] as? String == "f32")
    #expect(rerank["queries"] as? Int == 2)
    let tokenize = try program("bench tokenize \(options)").json()
    #expect(tokenize["documents"] as? Int == 4)
    #expect((tokenize["tokens_per_second"] as? Double) ?? 0 > 0)
    let steps = "\(common) --steps 3 --batch-pairs 4 --precision f32"
    for (options, keys) in [
      ("--json", ["512_of_8_ms", "1_of_1000_ms"]),
      (steps, ["512_of_8_ms", "512_of_8_share", "1_of_1000_ms", "1_of_1000_share"]),
    ] {
      let found = try program("bench loss --loss softmax listnet bce \(options)").json()
      let losses = try #require(found["losses"] as? [[String: Any]])
      #expect(losses.map { $0["name"] as? String } == ["softmax", "bce"])
      #expect(losses.allSatisfy { Set($0.keys) == Set(keys + ["name"]) })
      #expect((losses[0][keys[0]] as? Double) ?? 0 > 0)
      #expect((found["step_ms_per_pair"] != nil) == (options == steps))
    }
    let mistyped = try program("bench loss --loss sofmax")
    #expect(mistyped.errors.contains("write 'softmax'") && mistyped.code == 64)
    let gemm = try program("bench gemm --workers 1 --json").json()
    #expect((gemm["gemm_gflops"] as? Double) ?? 0 > 0.1)
    #expect(gemm["workers"] as? Int == 1)
  }
}
