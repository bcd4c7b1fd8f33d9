import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing
import Verification

/// Exports of rerankers of several modules, and of other rerankers as modules.
@Suite struct ModularExportTests {
  private let output: String

  init() throws { output = try Material.temporaryFolder().appending(path: "out").path }

  /// A ModernBERT with a head of modules.
  private func ettin(pooling: String = "cls", biases: Bool = false) throws -> CrossEncoder {
    let tiny = TinyModel.modernBERT(positions: 42, biases: biases)
    let model = ModularModel(tiny, prefix: "model.", width: 24, pooling: pooling)
    return try CrossEncoder(ModelSource(model.written()), seed: 1)
  }

  /// A BERT whose own classifier cannot compute the head of modules.
  private func bert() throws -> CrossEncoder {
    let model = ModularModel(TinyModel(positions: 42), prefix: "bert.", width: 32)
    return try CrossEncoder(ModelSource(model.written()), seed: 1)
  }

  @discardableResult
  private func write(
    _ model: CrossEncoder, _ formats: [ExportFormat], _ precision: ExportPrecision = .f32,
    runtime: ExportCheck.Runtime? = nil
  ) throws -> [ExportReport] {
    let pairs = TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60)], of: model)
    return try export(
      ExportRequest(model: model, notes: ModelNotes(), precision: precision), as: formats,
      to: output, overwrite: true, check: ExportCheck(pairs: pairs, runtime: runtime)
    ).reports
  }

  private func json(_ name: String) throws -> JSONValue {
    try JSONValue(readFile("\(output)/\(name)").array, name: name)
  }

  private func load() throws -> CrossEncoder {
    try CrossEncoder(ModelSource(output), seed: 2, for: .scoring(label: nil))
  }

  @Test(arguments: ["cls", "mean"], [false, true])
  func foldedIntoTheClassifier(_ pooling: String, _ biases: Bool) throws {
    let model = try ettin(pooling: pooling, biases: biases)
    let report = try #require(write(model, [.huggingFace]).first)
    #expect(try #require(report.agreement).difference < 2e-6)
    let config = try json("config.json")
    #expect(config["architectures"] == ["ModernBertForSequenceClassification"])
    #expect(config["classifier_pooling"] == .text(pooling))
    #expect(config["classifier_activation"] == "gelu")
    #expect(config["classifier_bias"] == false && config["norm_bias"] == .flag(biases))
    #expect(config["num_labels"] == 1)
    #expect(try !Folder(opening: output).names().contains("modules.json"))
    let again = try load()
    #expect(again.modularHead == nil && again.fresh.isEmpty && again.notices.isEmpty)
    // Only where the norm has no bias is the shift in the classifier's.
    func values(_ name: String, of model: CrossEncoder) throws -> [Float] {
      model.parameters.array(of: try #require(model.parameters.table[name]))
    }
    #expect(
      try values("head.norm.weight", of: again) == values("3_LayerNorm.norm.weight", of: model))
    let bias = try values("classifier.bias", of: again)
    #expect(try (bias == values("4_Dense.linear.bias", of: model)) == biases)
  }

  @Test(arguments: [ExportPrecision.f32, .bf16])
  func modules(_ precision: ExportPrecision) throws {
    for model in [try ettin(pooling: "mean"), try bert()] {
      let report = try #require(write(model, [.sentenceTransformers], precision).first)
      let again = try load()
      #expect(again.modularHead == model.modularHead && again.blueprint == model.blueprint)
      if precision == .f32 {
        #expect(report.agreement?.difference == 0)
        #expect(again.parameters.array == model.parameters.array)
      }
    }
    #expect(
      try Folder(opening: output).names() == [
        "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors",
        "3_LayerNorm/config.json", "3_LayerNorm/model.safetensors", "4_Dense/config.json",
        "4_Dense/model.safetensors", "config.json", "config_sentence_transformers.json",
        "export.json", "ltr.json", "model.safetensors", "modules.json",
        "sentence_bert_config.json", "special_tokens_map.json", "tokenizer.json",
        "tokenizer_config.json", "vocab.txt",
      ])
    let config = try json("config.json")
    #expect(config["architectures"] == ["BertModel"] && config["num_labels"] == nil)
    #expect(config["sentence_transformers"] == nil)
    let settings = try json("config_sentence_transformers.json")
    #expect(settings["model_type"] == "CrossEncoder")
    #expect(settings["activation_fn"] == "torch.nn.modules.linear.Identity")
    #expect(try json("4_Dense/config.json")["module_output_name"] == "scores")
    #expect(try json("sentence_bert_config.json")["max_seq_length"] == 42)
  }

  /// A classifier of a family as modules: tanh, ReLU and GELU, and a norm that has no bias of its own.
  @Test func classifiersAsModules() throws {
    let tiny = TinyModel(positions: 42)
    for model in [
      tiny, tiny.roberta(), tiny.electra(columns: 12), tiny.distilBERT(),
      .modernBERT(positions: 42),
    ] {
      let model = try CrossEncoder(ModelSource(model.written()), seed: 1)
      let report = try #require(write(model, [.sentenceTransformers]).first)
      let again = try load()
      #expect(again.modularHead != nil && again.fitsFamilyHead)
      // The shift of zeros is one more sum.
      #expect(try #require(report.agreement).difference < 1e-6)
      let family = try again.withFamilyHead()
      #expect(family.blueprint == model.blueprint)
      #expect(family.parameters.array == model.parameters.array)
    }
  }

  @Test func headsThatNoModuleComputes() throws {
    var tiny = TinyModel.modernBERT(positions: 42)
    tiny.configuration?["norm_eps"] = "0.001"
    let model = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
    let failure = #expect(throws: Failure.self) { try write(model, [.sentenceTransformers]) }
    #expect(failure?.kind == .badData && failure?.problem.contains("epsilon 0.001") ?? false)
    #expect(failure?.remedy?.contains("hf") ?? false)
    tiny.configuration?["norm_eps"] = nil
    tiny.configuration?["classifier_activation"] = "\"gelu_new\""
    let other = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
    #expect(throws: Failure.self) { try write(other, [.sentenceTransformers]) }
    #expect(fileKind(at: output) == nil)
  }

  /// Where a classifier cannot compute the head, the other formats are written.
  @Test func headsThatNoClassifierComputes() throws {
    let model = try bert()
    let failure = #expect(throws: Failure.self) { try write(model, [.huggingFace]) }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem.hasPrefix("BertForSequenceClassification cannot compute") ?? false)
    let reports = try write(model, [.huggingFace, .sentenceTransformers, .onnx, .triton])
    #expect(reports.map(\.format) == ["sentence-transformers", "onnx", "triton"])
    #expect(!model.loadsInLlama)
    let refused = #expect(throws: Failure.self) { try write(model, [.gguf]) }
    #expect(refused?.problem.contains("a head other than a dense layer, tanh") ?? false)
    #expect(ExportFormat.own(of: model).name == "sentence-transformers")
  }

  @Test(arguments: [ExportPrecision.f32, .f16, .int8])
  func graph(_ precision: ExportPrecision) throws {
    for model in [try ettin(), try ettin(pooling: "mean", biases: true), try bert()] {
      for report in try write(model, [.onnx, .triton, .flashRank, .vespa, .openSearch], precision) {
        let difference = try #require(report.agreement).difference
        #expect(difference < (precision == .f32 ? 1e-5 : precision == .f16 ? 0.03 : 0.8))
      }
    }
  }

  @Test(.enabled(if: Python.hasRuntime, "needs a Python with onnxruntime; LTR_PYTHON names it"))
  func runtimeAgreesWithTheModel() throws {
    let runtime = ONNXRuntime(python: Python.name)
    for model in [try ettin(pooling: "mean"), try bert()] {
      let reports = try write(
        model, [.onnx],
        runtime: { (file, pairs) throws(Failure) in try runtime.scores(of: pairs, with: file) })
      #expect(try #require(reports.first?.runtime).agreement.difference < 1e-5)
    }
  }

  /// A calibration changes the last module, and its activation the file that names it.
  @Test func calibratedModules() throws {
    let model = try ettin()
    let before = model.scores(of: TinyModel.pairs([(3, 9)], of: model))
    try model.apply(CalibrationFile(slope: 2, intercept: -1, of: model, members: [:]))
    let after = model.scores(of: TinyModel.pairs([(3, 9)], of: model))
    #expect(abs(after[0] - (2 * before[0] - 1)) < 1e-5)
    var notes = ModelNotes()
    notes.isCalibrated = true
    try export(model, notes: notes, as: .sentenceTransformers, to: output)
    #expect(
      try json("config_sentence_transformers.json")["activation_fn"]
        == "torch.nn.modules.activation.Sigmoid")
  }
}
