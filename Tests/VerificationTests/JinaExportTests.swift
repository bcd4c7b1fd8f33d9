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

/// Exports of models in the layout of jina-reranker-v2: those of a plain XLM-RoBERTa.
@Suite struct JinaExportTests {
  private let output: String

  init() throws { output = try Material.temporaryFolder().appending(path: "out").path }

  private func model(_ tiny: TinyModel) throws -> CrossEncoder {
    try CrossEncoder(ModelSource(tiny.written()), seed: 1)
  }

  private func pairs(_ model: CrossEncoder) -> [EncodedPair] {
    TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60)], of: model)
  }

  @discardableResult
  private func write(_ model: CrossEncoder, _ format: ExportFormat) throws -> ExportReport {
    let outcome = try export(
      ExportRequest(model: model, notes: ModelNotes()), as: [format], to: output,
      overwrite: true, check: ExportCheck(pairs: pairs(model)))
    return try #require(outcome.reports.first)
  }

  /// The files are those of the same weights in the layout of transformers, but for keys that mean
  /// nothing to either.
  @Test func directory() throws {
    let tiny = TinyModel(positions: 42)
    let model = try model(tiny.jina())
    #expect(try write(model, .huggingFace).agreement?.difference == 0)
    let weights = try readFile("\(output)/model.safetensors").array
    let config = try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
    #expect(config["model_type"] == "xlm-roberta")
    #expect(config["architectures"] == ["XLMRobertaForSequenceClassification"])
    #expect(config["max_position_embeddings"] == 42 && config["type_vocab_size"] == 1)
    let own = ["auto_map", "use_flash_attn", "lora_rank", "lora_adaptations", "emb_pooler"]
    #expect(own.allSatisfy { config[$0] == nil })
    let again = try CrossEncoder(ModelSource(output), seed: 1)
    #expect(again.architecture is RoBERTa && again.notices.isEmpty && again.fresh.isEmpty)
    #expect(again.parameters.array == model.parameters.array && again.maximumLength == 40)
    let plain = try self.model(tiny.roberta())
    #expect(again.blueprint == plain.blueprint)
    try write(plain, .huggingFace)
    #expect(try readFile("\(output)/model.safetensors").array == weights)
  }

  /// What other formats have of it follows from the same blueprint.
  @Test func graphs() throws {
    let model = try model(TinyModel(positions: 42).jina())
    #expect(try #require(write(model, .onnx).agreement).difference < 1e-5)
    #expect(model.loadsInLlama)
    // Sums in another order.
    #expect(try #require(write(model, .gguf).agreement).difference < 1e-5)
  }
}
