import Autodiff
import Diagnostics
import Export
import Files
import JSON
import ModelFiles
import ModelSupport
import Models
import Persistence
import TestSupport
import Testing

/// The settings that PEFT finds layers and the score head by.
@Suite struct AdapterDirectoryTests {
  private func written(
    _ tiny: TinyModel, layers: Set<Int>? = nil
  ) throws -> (settings: JSONValue, names: [String]) {
    var plan = AdapterPlan()
    (plan.rank, plan.layers) = (2, layers)
    let source = try ModelSource(tiny.written())
    plan.base = source.path
    let model = try CrossEncoder(
      source, seed: 1, adapting: plan, at: { Place("recipe", key: $0) })
    let output = try Material.temporaryFolder().appending(path: "adapter").path
    try exportAdapter(model, plan, notes: ModelNotes(), to: output)
    // What was written is read again.
    #expect(try CrossEncoder(ModelSource(output), seed: 1, for: .scoring(label: nil)).fresh.isEmpty)
    let file = try SafeTensors(
      bytes: readFile("\(output)/adapter_model.safetensors"), name: "adapter")
    return (
      try JSONValue(readFile("\(output)/adapter_config.json").array, name: "adapter_config.json"),
      file.tensors.map(\.name)
    )
  }

  @Test func classifier() throws {
    let (settings, names) = try written(TinyModel())
    #expect(settings["task_type"] == "SEQ_CLS")
    #expect(settings["modules_to_save"] == ["bert.pooler", "classifier"])
    #expect(settings["layers_to_transform"] == nil && settings["layers_pattern"] == nil)
    #expect(settings["exclude_modules"] == nil)
    #expect(names.contains("base_model.model.classifier.weight"))
  }

  @Test func someLayers() throws {
    let (settings, names) = try written(TinyModel(), layers: [1])
    #expect(settings["layers_to_transform"] == [1] && settings["layers_pattern"] == "layer")
    #expect(!names.contains { $0.contains("layer.0.") })
  }

  /// A T5's decoder has linear layers of the same names, and its class no score head. Its sublayers
  /// have numbers too.
  @Test func decoder() throws {
    let (settings, names) = try written(TinyModel().t5(gated: true), layers: [0])
    #expect(settings["task_type"] == "SEQ_2_SEQ_LM")
    #expect(settings["modules_to_save"] == nil)
    #expect(settings["exclude_modules"] == #"decoder\..*"#)
    #expect(settings["layers_pattern"] == "block")
    #expect(names.contains("base_model.model.score.weight"))
    #expect(
      names.contains("base_model.model.encoder.block.0.layer.0.SelfAttention.q.lora_A.weight"))
    #expect(!names.contains { $0.contains("decoder.") || $0.contains("block.1.") })
  }

  @Test func encoderAlone() throws {
    let (settings, _) = try written(
      TinyModel().t5(decoder: false, output: ["classifier.weight"]))
    #expect(settings["task_type"] == "FEATURE_EXTRACTION")
    #expect(settings["modules_to_save"] == nil && settings["exclude_modules"] == nil)
  }
}
