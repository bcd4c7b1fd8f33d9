import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing

/// Files of adapters that cannot be used, and targets that are not there.
@Suite struct AdapterFileTests {
  private func reference() throws -> AdapterReference {
    try #require(try AdapterReference.all.first)
  }

  private func failure(_ body: () throws -> Void) throws -> Failure {
    do {
      try body()
    } catch let failure as Failure {
      return failure
    }
    throw Failure(.software, "nothing was refused")
  }

  private func loading(_ folder: String) throws -> Failure {
    try failure { _ = try CrossEncoder(ModelSource(folder), seed: 1, for: .scoring(label: nil)) }
  }

  /// A base is found from the adapter's own folder as well.
  @Test func baseBesideTheAdapter() throws {
    let reference = try reference()
    let base = try reference.base.written()
    let folder = try reference.written(base: "../" + URL(filePath: base).lastPathComponent)
    let together = URL(filePath: folder).deletingLastPathComponent()
    #expect(URL(filePath: base).deletingLastPathComponent().path() == together.path())
    #expect(try CrossEncoder(ModelSource(folder), seed: 1).fresh.isEmpty)
  }

  @Test func missingBase() throws {
    let failure = try loading(try reference().written(base: "no-such-model"))
    #expect(failure.kind == .missingInput && failure.problem.contains("'no-such-model'"))
    #expect(failure.place?.key == "base_model_name_or_path" && failure.remedy != nil)
    let none = try loading(
      try reference().written(settings: ["base_model_name_or_path": "null"]))
    #expect(none.kind == .missingInput && none.problem.contains("names no base"))
  }

  @Test func baseThatIsAnAdapter() throws {
    let folder = try reference().written()
    let failure = try loading(try reference().written(base: folder))
    #expect(failure.kind == .badData && failure.problem.contains("is an adapter as well"))
  }

  @Test(
    arguments: [
      ("use_dora", "true", "DoRA"), ("bias", "\"all\"", "biases"),
      ("peft_type", "\"LOHA\"", "'LOHA'"), ("fan_in_fan_out", "true", "transposed"),
      ("init_lora_weights", "\"pissa_niter_4\"", "pissa"), ("lora_bias", "true", "bias of B"),
      ("alpha_pattern", "{\"query\": 3}", "alpha_pattern"),
      ("trainable_token_indices", "[1, 2]", "trainable_token_indices"),
    ])
  func unsupported(_ key: String, _ value: String, _ words: String) throws {
    let failure = try loading(try reference().written(settings: [key: value]))
    #expect(failure.kind == .badData && failure.problem.contains(words), "\(failure.problem)")
    #expect(failure.place?.key == key && failure.remedy?.contains("merge_and_unload") == true)
  }

  @Test(arguments: [
    ("r", "0"), ("r", "\"8\""), ("lora_alpha", "\"x\""), ("lora_alpha", "1e300"),
    ("peft_type", "null"),
  ])
  func wrongValues(_ key: String, _ value: String) throws {
    let failure = try loading(try reference().written(settings: [key: value]))
    #expect(failure.kind == .badData && failure.place?.key == key)
  }

  /// Names and shapes of another base, halves of a pair, and what is no LoRA at all.
  @Test func adapterOfAnotherBase() throws {
    let reference = try reference()
    let stem = "base_model.model.bert.encoder.layer.0.attention.self.query."
    let (down, up) = (stem + "lora_A.weight", stem + "lora_B.weight")
    typealias Change = (inout [String: TinyModel.Tensor]) -> Void
    let changes: [(Change, String)] = [
      ({ $0[down]?.shape = [4, 36] }, "do not fit a weight"),
      ({ $0[up] = nil }, "no lora_B beside it"), ({ $0[down] = nil }, "no lora_A beside it"),
      (
        {
          $0["base_model.model.bert.encoder.layer.9.x.lora_A.weight"] = $0[down]
        }, "the base has no 'bert.encoder.layer.9.x'"
      ),
      ({ $0[stem + "lora_magnitude_vector"] = $0[down] }, "is not a LoRA tensor"),
      ({ $0["base_model.model.other.weight"] = $0[down] }, "the base has no 'other.weight'"),
      (
        { tensors in
          tensors["base_model.model.classifier.weight"] = .init(
            shape: [2, 48], values: [Float](repeating: 1, count: 96))
        }, "a head of several labels gives no score"
      ),
      ({ $0 = $0.filter { !$0.key.contains("lora_") } }, "no lora_A and lora_B"),
      ({ $0[down]?.values[5] = .nan }, "value 5 of the tensor is nan"),
    ]
    for (change, words) in changes {
      let failure = try loading(try reference.written(changing: change))
      #expect(failure.kind == .badData, "\(words): \(failure)")
      #expect("\(failure)".contains(words), "\(failure)")
    }
  }

  @Test func missingValues() throws {
    let folder = try reference().written()
    try FileManager.default.removeItem(atPath: folder + "/adapter_model.safetensors")
    #expect(try loading(folder).kind == .missingInput)
  }

  /// An adapter without a head leaves that of its base.
  @Test func withoutHead() throws {
    let folder = try reference().written { tensors in
      tensors = tensors.filter { $0.key.contains("lora_") }
    }
    let model = try CrossEncoder(ModelSource(folder), seed: 1, for: .scoring(label: nil))
    #expect(model.fresh.isEmpty)
  }

  private func adapting(_ change: (inout AdapterPlan) -> Void) throws -> Failure {
    var plan = AdapterPlan()
    change(&plan)
    let source = try ModelSource(TinyModel().written())
    return try failure {
      _ = try CrossEncoder(
        source, seed: 1, adapting: plan, at: { Place("recipe.yaml", key: "model.lora.\($0)") })
    }
  }

  @Test func targetsThatMatchNothing() throws {
    let near = try adapting { $0.targets = ["query", "valu"] }
    #expect(near.kind == .badRecipe && near.problem.contains("'valu'"))
    #expect(near.place?.key == "model.lora.targets")
    #expect(near.expected?.contains("attention.self.value") == true)
    let part = try adapting { $0.targets = ["elf.query"] }
    #expect(part.problem.contains("'elf.query'"))
    let layer = try adapting { $0.layers = [0, 2] }
    #expect(layer.problem.contains("layer 2") && layer.place?.key == "model.lora.layers")
  }

  /// A target of layers that have no adapters is not one that the encoder lacks.
  @Test func targetsOutsideTheLayers() throws {
    let failure = try adapting {
      ($0.targets, $0.layers) = (["query", "layer.0.attention.self.key"], [1])
    }
    #expect(failure.kind == .badRecipe && failure.place?.key == "model.lora.targets")
    #expect(
      failure.problem
        == "none of the chosen layers has a linear layer called 'layer.0.attention.self.key'")
    #expect(failure.remedy == "add a layer that has it to 'layers' (0), or omit the target")
  }

  /// An adapter goes on only with its own rank and targets.
  @Test(arguments: [(4, 1.0, false), (3, 2.0, false), (3, 1.0, true)])
  func continuingWithOtherSettings(_ rank: Int, _ times: Double, _ isStabilized: Bool) throws {
    let reference = try reference()
    var plan = reference.plan
    plan.rank = rank
    plan.alpha *= times
    if isStabilized { plan.isRankStabilized.toggle() }
    let source = try ModelSource(reference.written())
    let refused = try failure {
      _ = try CrossEncoder(source, seed: 1, adapting: plan, at: { Place("r", key: $0) })
    }
    #expect(refused.kind == .badRecipe && refused.problem.contains("a rank of 3"))
  }

  /// New adapters change nothing: A is within ±1/√in, and B is zero.
  @Test func newAdapters() throws {
    let path = try TinyModel().written()
    let plain = try CrossEncoder(ModelSource(path), seed: 3)
    let adapted = try CrossEncoder(
      ModelSource(path), seed: 3, adapting: AdapterPlan(), at: { Place("r", key: $0) })
    #expect(adapted.parameters.table.adapters.count == 12)
    for adapter in adapted.parameters.table.adapters {
      let down = adapted.parameters.array(of: adapter.down)
      let bound = 1 / Float(adapter.down.shape[1]).squareRoot()
      let most = down.map(abs).max() ?? 0
      #expect(most <= bound && most > 0.9 * bound)
      #expect(adapted.parameters.array(of: adapter.up).allSatisfy { $0 == 0 })
    }
    let sequences = TinySequences()
    #expect(sequences.scores(plain) == sequences.scores(adapted))
  }
}

private struct TinySequences: ReferenceSequences {
  let sequences: [[Int32]] = [[2, 7, 8, 3, 9, 3], [2, 11, 3, 3]]
  let types: [[Int32]] = [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1]]
}
