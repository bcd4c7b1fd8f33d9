import Foundation
import TestSupport
import Testing

/// Models as other programs leave them, through the commands.
@Suite struct ModelFileTests {
  /// A fixture whose model has two labels.
  private func program(
    labels: Int = 2, names: [String] = [], keys: String? = nil
  ) throws -> Program {
    let program = try Program()
    try program.writeFixture()
    let members = names.enumerated().map { "\"\($0.offset)\": \"\($0.element)\"" }
    let given = names.isEmpty ? keys : "\"id2label\": {\(members.joined(separator: ", "))}"
    try HandwrittenModel.write(
      to: program.folder.appending(path: "model"), labels: labels, keys: given)
    return program
  }

  private func scores(_ result: Program.Result) throws -> [Double] {
    #expect(result.code == 0, "\(result.errors)")
    return try result.lines.map { try #require(Double($0)) }
  }

  /// Every command that scores takes --label, and their scores agree.
  @Test func labelsEverywhere() throws {
    let program = try program()
    let one = try scores(program("score --model model --input pairs.jsonl --label 1"))
    let zero = try scores(program("score --model model --input pairs.jsonl --label LABEL_0"))
    #expect(one.count == 4 && Set(one).count == 4)
    for (a, b) in zip(one, zero) { #expect(a == -b) }
    for label in ["1", "0"] {
      let reranked = try program(
        "rerank --model model --label \(label) --collection shop --run first.run --output \(label).run"
      )
      #expect(reranked.code == 0, "\(reranked.errors)")
      #expect(
        reranked.errors.contains(
          "note: the score is the logit of 'LABEL_\(label)' minus that of 'LABEL_\(label == "1" ? 0 : 1)'"
        ))
    }
    func order(_ name: String) throws -> [Substring] {
      try program.read(name).split(separator: "\n").filter { $0.hasPrefix("q1 ") }.map {
        $0.split(separator: " ")[2]
      }
    }
    #expect(try order("1.run") == order("0.run").reversed())
    let calibrated = try program(
      "calibrate --model model --label 1 --collection shop --split test --run first.run --output c.json"
    )
    #expect(calibrated.code == 0, "\(calibrated.errors)")
    let bench = try program(
      "bench rerank --model model --label 1 --collection shop --run first.run --max-length 24 --json"
    )
    #expect(bench.code == 0, "\(bench.errors)")
  }

  /// An export is a model with one label, whatever its format.
  @Test func exportsOfTwoLabels() throws {
    let program = try program()
    let raw = try scores(program("score --model model --input pairs.jsonl --label 1"))
    let refused = try program("export --model model --format hf --output out")
    #expect(refused.code == 65)
    #expect(
      refused.errors.hasPrefix(
        """
        error: the classifier has 2 outputs, and their names do not say which means relevant: LABEL_0 (0), LABEL_1 (1)
          at: model/config.json, key 'id2label'

        """))
    let done = try program("export --model model --label 1 --format hf,onnx,gguf --output out")
    #expect(done.code == 0, "\(done.errors)")
    let exported = try scores(program("score --model out/hf --input pairs.jsonl"))
    #expect(exported == raw)
    let config = try #require(
      try JSONSerialization.jsonObject(with: Data(program.read("out/hf/config.json").utf8))
        as? [String: Any])
    #expect(config["num_labels"] as? Int == 1)
    #expect((config["id2label"] as? [String: String])?.count == 1)
    // It has no other label.
    #expect(try program("score --model out/hf --input pairs.jsonl --label 1").code == 64)
  }

  @Test func namesTell() throws {
    let told = try program(names: ["no", "yes"])
    let scored = try told("score --model model --input pairs.jsonl")
    #expect(scored.errors.contains("note: the score is the logit of 'yes' minus that of 'no'"))
    let named = try program()
    #expect(
      try scores(scored) == scores(named("score --model model --input pairs.jsonl --label 1")))
    let inspected = try told("inspect model --json").json()
    #expect(inspected["labels"] as? String == "no, yes")
    #expect(inspected["score_head"] as? String == "the logit of 'yes' minus that of 'no'")
    #expect(
      try named("inspect model --json").json()["score_head"] as? String
        == "by --label, which names the label that means relevant")
  }

  @Test func threeLabels() throws {
    let program = try program(labels: 3, names: ["contradiction", "neutral", "entailment"])
    for command in [
      "score --model model --input pairs.jsonl", "export --model model --format hf --output out",
      "score --model model --input pairs.jsonl --label entailment",
    ] {
      let result = try program(command)
      #expect(result.code == 65)
      #expect(
        result.errors.hasPrefix(
          """
          error: the classifier has 3 outputs that share a softmax: contradiction (0), neutral (1), entailment (2)
            at: model/config.json, key 'id2label'

          """), "\(result.errors)")
    }
    let head = try program("inspect model --json").json()["score_head"] as? String
    #expect(
      head == "none: the labels share a softmax; as a base it gets a newly initialised head")
  }

  private func recipe(_ model: String) -> String {
    """
    model: { \(model), max_length: 24 }
    data:
      train: { collection: shop, split: test, candidates: first.run }
    training: { epochs: 3, batch: { lists: 2 }, workers: 1, precision: f32, checkpoint: { every: 1 steps } }
    output: run

    """
  }

  /// As a base, a classifier with labels gets a new head, which the log says too.
  @Test func aBaseWithLabels() throws {
    let program = try program(labels: 3)
    try program.write("recipe.yaml", recipe("base: model"))
    let result = try program("train recipe.yaml")
    #expect(result.code == 0, "\(result.errors)")
    let notes = [
      "the head of the model is not used: the classifier has the shape [3, 16], with one output for each"
        + " of the labels LABEL_0, LABEL_1, LABEL_2, but a ranking model has one output",
      "newly initialised with seed 7: classifier.weight, classifier.bias",
    ]
    let log = try program.read("run/log.jsonl")
    for note in notes {
      #expect(result.errors.contains(note), "\(result.errors)")
      #expect(log.contains("\"text\":\"\(note)\""))
    }
    // What came of it has one score, and so have its checkpoints, whose files speak of three
    // labels.
    #expect(try scores(program("score --model run --input pairs.jsonl")).count == 4)
    let checkpoints = try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: "run/checkpoints").path)
    let newest = try #require(checkpoints.first { $0.hasSuffix(".h5") })
    #expect(
      try scores(program("score --model run/checkpoints/\(newest) --input pairs.jsonl")).count == 4)
  }

  /// With a label, training goes on from the score that the label has.
  @Test func aBaseWithItsLabel() throws {
    let program = try program()
    try program.write("recipe.yaml", recipe("base: model, label: 1"))
    let before = try scores(program("score --model model --label 1 --input pairs.jsonl"))
    // A rate of nearly nothing leaves the model as it is.
    let result = try program("train recipe.yaml --set optimizer.lr=1e-12")
    #expect(result.code == 0, "\(result.errors)")
    #expect(!result.errors.contains("newly initialised"))
    let after = try scores(program("score --model run --input pairs.jsonl"))
    // Scores around 1 in 32 bits; a new head's would be a hundred times smaller.
    for (a, b) in zip(before, after) { #expect(abs(a - b) < 1e-5) }
    try program.write("other.yaml", recipe("base: model, label: relevant"))
    #expect(try program("train other.yaml --output other").code == 64)
  }

  /// A teacher's scores are those of the label.
  @Test func aTeacherWithLabels() throws {
    let program = try program()
    func mined(_ teacher: String) throws -> Program.Result {
      try program.write(
        "job.yaml",
        """
        collection: shop
        split: test
        first_stage: { run: first.run }
        teacher: { \(teacher) }
        sample: { count: 1, refill: none }
        output: { folder: mined, formats: [teacher_run] }

        """)
      return try program("mine job.yaml --overwrite")
    }
    #expect(try mined("model: model").code == 65)
    let one = try mined("model: model, label: 1, precision: f32")
    #expect(one.code == 0, "\(one.errors)")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: "mined").path)
    let run = try #require(names.first { $0.hasPrefix("teacher") })
    let taught = try program.read("mined/\(run)").split(separator: "\n").map {
      $0.split(separator: " ")
    }
    let pair = try scores(
      program(
        "score --model model --label 1",
        input: #"{"query": "how to restore a file?", "text": "Restore a file open the trash"}"#))
    let found = try #require(taught.first { $0[0] == "q1" && $0[2] == "d1" })
    // Products of other heights may add up in another order.
    #expect(abs(try #require(Double(found[4])) - pair[0]) < 1e-5)
  }

  /// Names of before 2019 are read, and exports have the current ones.
  @Test func gammaAndBeta() throws {
    let program = try Program()
    try program.writeFixture()
    let raw = try scores(program("score --model model --input pairs.jsonl"))
    try HandwrittenModel.write(
      to: program.folder.appending(path: "old"),
      naming: {
        $0.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
          .replacing("LayerNorm.bias", with: "LayerNorm.beta")
      })
    #expect(try scores(program("score --model old --input pairs.jsonl")) == raw)
    let done = try program("export --model old --format hf --output out")
    #expect(done.code == 0, "\(done.errors)")
    let weights = try Data(contentsOf: program.folder.appending(path: "out/model.safetensors"))
    let header = String(decoding: weights.prefix(1 << 14), as: UTF8.self)
    #expect(header.contains("bert.encoder.layer.1.output.LayerNorm.weight"))
    #expect(!header.contains("gamma") && !header.contains("beta"))
  }

  /// Shards give the scores of the one file.
  @Test func shards() throws {
    let program = try Program()
    try program.writeFixture()
    let raw = try scores(program("score --model model --input pairs.jsonl"))
    let names = HandwrittenModel.shapes.map(\.name)
    let parts = [Array(names.prefix(9)), Array(names.dropFirst(9))]
    var map: [String] = []
    for (number, part) in parts.enumerated() {
      let shard = "model-0000\(number + 1)-of-00002.safetensors"
      map += part.map { "\"\($0)\": \"\(shard)\"" }
      try HandwrittenModel.weights(without: parts[1 - number])
        .write(to: program.folder.appending(path: "model/" + shard))
    }
    try program.write(
      "model/model.safetensors.index.json", "{\"weight_map\": {\(map.joined(separator: ", "))}}")
    let both = try program("score --model model --input pairs.jsonl")
    #expect(both.errors.contains("note: model.safetensors is read, as transformers does"))
    try FileManager.default.removeItem(
      at: program.folder.appending(path: "model/model.safetensors"))
    let sharded = try program("score --model model --input pairs.jsonl")
    #expect(try scores(sharded) == raw)
    #expect(!sharded.errors.contains("safetensors"))
    try FileManager.default.removeItem(
      at: program.folder.appending(path: "model/model-00002-of-00002.safetensors"))
    let missing = try program("score --model model --input pairs.jsonl")
    #expect(missing.code == 66)
    #expect(
      missing.errors.contains("  at: model/model-00002-of-00002.safetensors"), "\(missing.errors)")
  }

  /// What would be computed otherwise is refused by every command that reads a model.
  @Test(arguments: [
    #""is_decoder": true"#, #""quantization_config": {"quant_method": "awq"}"#,
    #""auto_map": {"AutoModel": "m.M"}"#,
  ])
  func otherComputations(_ key: String) throws {
    let program = try program(labels: 1, keys: key)
    let name = key.split(separator: "\"")[0]
    for command in [
      "score --model model --input pairs.jsonl", "inspect model",
      "tokenize --model model --query a --text b", "export --model model --format hf --output out",
      "index build --kind dense --model model --collection shop --output index",
    ] {
      let result = try program(command)
      #expect(result.code == 65, "\(command)")
      #expect(
        result.errors.contains("  at: model/config.json, key '\(name)'\n"), "\(result.errors)")
    }
  }
}
