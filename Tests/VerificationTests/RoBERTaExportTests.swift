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

/// Exports of the family RoBERTa, which follow from its blueprint.
@Suite struct RoBERTaExportTests {
  private let output: String

  init() throws { output = try Material.temporaryFolder().appending(path: "out").path }

  private func model(_ modelType: String = "xlm-roberta") throws -> CrossEncoder {
    try CrossEncoder(
      ModelSource(TinyModel(positions: 42).roberta(modelType).written()), seed: 1)
  }

  /// Of one token type, up to the longest there are positions for.
  private func pairs(_ model: CrossEncoder) -> [EncodedPair] {
    TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60)], of: model)
  }

  @discardableResult
  private func write(
    _ model: CrossEncoder, _ format: ExportFormat, _ precision: ExportPrecision = .f32,
    runtime: ExportCheck.Runtime? = nil
  ) throws -> ExportReport {
    let outcome = try export(
      ExportRequest(model: model, notes: ModelNotes(), precision: precision), as: [format],
      to: output, overwrite: true, check: ExportCheck(pairs: pairs(model), runtime: runtime))
    return try #require(outcome.reports.first)
  }

  @Test(arguments: [
    ("roberta", "RobertaForSequenceClassification"),
    ("xlm-roberta", "XLMRobertaForSequenceClassification"),
    ("camembert", "CamembertForSequenceClassification"),
  ])
  func directory(_ modelType: String, _ className: String) throws {
    let model = try model(modelType)
    #expect(pairs(model).map(\.ids.count).max() == 40)
    let report = try write(model, .huggingFace)
    #expect(report.agreement?.difference == 0)
    let config = try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
    #expect(config["model_type"] == .text(modelType))
    #expect(config["architectures"] == [.text(className)])
    #expect(config["max_position_embeddings"] == 42 && config["pad_token_id"] == 1)
    #expect(config["type_vocab_size"] == 1 && config["num_labels"] == 1)
    let again = try CrossEncoder(ModelSource(output), seed: 1)
    #expect(again.fresh.isEmpty && again.maximumLength == 40)
    #expect(again.parameters.values.floats.array == model.parameters.values.floats.array)
  }

  @Test(arguments: [ExportPrecision.f32, .f16, .int8])
  func graph(_ precision: ExportPrecision) throws {
    let difference = try #require(write(try model(), .onnx, precision).agreement?.difference)
    // Scores are of order 1: sums in another order, or what is rounded.
    switch precision {
    case .f32: #expect(difference < 1e-5)
    case .f16: #expect(difference > 0 && difference < 0.01)
    default: #expect(difference > 1e-4 && difference < 0.3)
    }
    // One token type is no input.
    let graph = String(decoding: try readFile("\(output)/model.onnx").array, as: UTF8.self)
    #expect(graph.contains("attention_mask") && !graph.contains("token_type_ids"))
    let tokenizer = try JSONValue(
      readFile("\(output)/tokenizer_config.json").array, name: "tokenizer_config.json")
    #expect(tokenizer["model_input_names"] == ["input_ids", "attention_mask"])
    #expect(tokenizer["tokenizer_class"] == "PreTrainedTokenizerFast")
  }

  @Test(.enabled(if: Python.hasRuntime, "needs a Python with onnxruntime; LTR_PYTHON names it"))
  func runtimeAgreesWithTheModel() throws {
    let runtime = ONNXRuntime(python: Python.name)
    let report = try write(
      try model(), .onnx,
      runtime: { (file, pairs) throws(Failure) in try runtime.scores(of: pairs, with: file) })
    #expect(try #require(report.runtime).agreement.difference < 1e-5)
  }

  /// llama.cpp has a BERT whose positions begin at the first row.
  @Test(arguments: ["roberta", "xlm-roberta", "camembert"])
  func llamasFile(_ modelType: String) throws {
    let model = try model(modelType)
    #expect(model.loadsInLlama)
    // Sums in another order.
    #expect(try #require(write(model, .gguf).agreement).difference < 1e-5)
    let reader = try GGUFReader(path: "\(output)/model-f32.gguf")
    #expect(reader.metadata["general.architecture"] == "bert")
    #expect(reader.metadata["bert.context_length"] == .uint32(40))
    #expect(reader["position_embd.weight"]?.extents == [32, 40])
    #expect(reader["token_types.weight"]?.extents == [32, 1])
    #expect(reader["cls.weight"]?.extents == [32, 32])
    #expect(reader["cls.output.weight"]?.extents == [32, 1])
  }
}
