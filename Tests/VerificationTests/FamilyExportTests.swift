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

/// Exports of ModernBERT, ELECTRA, DistilBERT, MPNet, DeBERTa and GTE, which follow from their
/// blueprints.
@Suite struct FamilyExportTests {
  enum Family: String, CaseIterable {
    case modernBERT, modernBERTMean, electra, distilBERT, mpnet, deberta, debertaSeparate
    case debertaConvolution, gte, gteOfLengths

    var tiny: TinyModel {
      switch self {
      case .modernBERT: return .modernBERT(positions: 42)
      case .modernBERTMean:
        var model = TinyModel.modernBERT(layers: 3, heads: 2, positions: 42, biases: true)
        model.configuration?["classifier_pooling"] = "\"mean\""
        model.configuration?["global_attn_every_n_layers"] = "3"
        return model
      case .electra: return TinyModel(positions: 42).electra(columns: 12)
      case .distilBERT: return TinyModel(positions: 42).distilBERT()
      case .mpnet: return TinyModel(positions: 44).mpnet()
      case .gte: return TinyModel(positions: 42).gte()
      case .gteOfLengths:
        var model = TinyModel(positions: 42).gte()
        model.configuration?["logn_attention_scale"] = "true"
        model.configuration?["logn_attention_clip1"] = "true"
        model.configuration?["rope_scaling"] =
          #"{"type": "ntk", "factor": 4.5, "mixed_b": 0.75}"#
        return model
      case .deberta: return TinyModel(positions: 42).deberta()
      case .debertaConvolution: return TinyModel(positions: 42).deberta(convolution: 3)
      case .debertaSeparate:
        // Distances, of which the longest sequences exceed the table.
        var model = TinyModel(positions: 42).deberta(shared: false, span: 20)
        model.configuration?["position_buckets"] = "-1"
        model.configuration?["max_relative_positions"] = "20"
        return model
      }
    }

    var name: String {
      switch self {
      case .modernBERT, .modernBERTMean: "ModernBERT"
      case .electra: "ELECTRA"
      case .distilBERT: "DistilBERT"
      case .mpnet: "MPNet"
      case .gte, .gteOfLengths: "GTE"
      case .deberta, .debertaSeparate, .debertaConvolution: "DeBERTa"
      }
    }

    var className: String {
      switch self {
      case .modernBERT, .modernBERTMean: "ModernBertForSequenceClassification"
      case .electra: "ElectraForSequenceClassification"
      case .distilBERT: "DistilBertForSequenceClassification"
      case .mpnet: "MPNetForSequenceClassification"
      case .gte, .gteOfLengths: "NewForSequenceClassification"
      case .deberta, .debertaSeparate, .debertaConvolution: "DebertaV2ForSequenceClassification"
      }
    }

    func model() throws -> CrossEncoder { try CrossEncoder(ModelSource(tiny.written()), seed: 1) }
  }

  private let output: String

  init() throws { output = try Material.temporaryFolder().appending(path: "out").path }

  /// Up to the longest there are positions for, which is longer than windows.
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

  @Test(arguments: Family.allCases)
  func directory(_ family: Family) throws {
    let model = try family.model()
    #expect(pairs(model).map(\.ids.count).max() == 42)
    let report = try write(model, .huggingFace)
    #expect(report.agreement?.difference == 0)
    let config = try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
    #expect(config["architectures"] == [.text(family.className)])
    #expect(config["num_labels"] == 1)
    let again = try CrossEncoder(ModelSource(output), seed: 1)
    #expect(again.fresh.isEmpty && again.maximumLength == 42)
    #expect(again.blueprint == model.blueprint)
    #expect(again.parameters.values.floats.array == model.parameters.values.floats.array)
  }

  /// Servers read the old keys, transformers 5 the new ones.
  @Test func bothSetsOfKeys() throws {
    try write(Family.modernBERT.model(), .huggingFace)
    let config = try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
    #expect(config["global_attn_every_n_layers"] == 2 && config["local_attention"] == 8)
    #expect(config["global_rope_theta"]?.double == 1000)
    #expect(config["local_rope_theta"]?.double == 50)
    let (global, local) = (JSONValue.text("full_attention"), JSONValue.text("sliding_attention"))
    #expect(config["layer_types"] == .list([global, local, global, local]))
    let rotations = config["rope_parameters"]
    #expect(rotations?["full_attention"]?["rope_theta"]?.double == 1000)
    #expect(rotations?["sliding_attention"]?["rope_theta"]?.double == 50)
    #expect(rotations?["sliding_attention"]?["rope_type"] == "default")
    #expect(config["classifier_activation"] == "gelu")
    // transformers 5 takes no integer for a fraction.
    let text = String(decoding: try readFile("\(output)/config.json").array, as: UTF8.self)
    for member in [
      #""initializer_cutoff_factor" : 2.0"#, #""global_rope_theta" : 1000.0"#,
      #""hidden_size" : 24"#, #""embedding_dropout" : 0.0"#,
    ] { #expect(text.contains(member + ","), "\(member)") }
  }

  /// Layers in no order have no old key.
  @Test func layersInNoOrder() throws {
    var tiny = Family.modernBERT.tiny
    tiny.configuration?["global_attn_every_n_layers"] = nil
    let types = #"["sliding_attention", "full_attention", "full_attention", "full_attention"]"#
    tiny.configuration?["layer_types"] = types
    let model = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
    try write(model, .huggingFace)
    let config = try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
    #expect(config["global_attn_every_n_layers"] == nil)
    #expect(try CrossEncoder(ModelSource(output), seed: 1).blueprint == model.blueprint)
  }

  @Test(arguments: [ExportPrecision.f32, .f16, .int8], Family.allCases)
  func graph(_ precision: ExportPrecision, _ family: Family) throws {
    let model = try family.model()
    let difference = try #require(write(model, .onnx, precision).agreement?.difference)
    // Scores are of order 1: sums in another order, or what is rounded.
    switch precision {
    case .f32: #expect(difference < 1e-5)
    case .f16: #expect(difference > 0 && difference < 0.01)
    default: #expect(difference > 1e-4 && difference < 0.3)
    }
    // Types are an input only where the model has them.
    let graph = String(decoding: try readFile("\(output)/model.onnx").array, as: UTF8.self)
    #expect(graph.contains("attention_mask"))
    #expect(graph.contains("token_type_ids") == (family == .electra))
  }

  @Test(
    .enabled(if: Python.hasRuntime, "needs a Python with onnxruntime; LTR_PYTHON names it"),
    arguments: Family.allCases)
  func runtimeAgreesWithTheModel(_ family: Family) throws {
    let runtime = ONNXRuntime(python: Python.name)
    let report = try write(
      try family.model(), .onnx,
      runtime: { (file, pairs) throws(Failure) in try runtime.scores(of: pairs, with: file) })
    #expect(try #require(report.runtime).agreement.difference < 1e-5)
  }

  /// The keys and names that the published code and the servers read.
  @Test func keysOfGTE() throws {
    try write(Family.gte.model(), .huggingFace)
    let config = try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
    #expect(config["model_type"] == "new" && config["pack_qkv"] == true)
    #expect(config["rope_scaling"]?["type"] == "ntk")
    #expect(config["rope_scaling"]?["factor"]?.double == 8)
    #expect(config["rope_theta"]?.double == 200 && config["position_embedding_type"] == "rope")
    #expect(config["layer_norm_type"] == "layer_norm" && config["type_vocab_size"] == 1)
    #expect(config["logn_attention_scale"] == false && config["unpad_inputs"] == false)
    #expect(
      config["auto_map"]?["AutoModelForSequenceClassification"]
        == "Alibaba-NLP/new-impl--modeling.NewForSequenceClassification")
    #expect(config["auto_map"]?["AutoConfig"] == "Alibaba-NLP/new-impl--configuration.NewConfig")
    let family = try Family.gte.model().architecture.exported
    #expect(family.servers == [.textEmbeddingsInference, .vLLM] && family.loading.trustsCode)
    #expect(try Family.gteOfLengths.model().architecture.exported.servers.isEmpty)
  }

  @Test(arguments: [Family.electra, .distilBERT, .mpnet, .deberta, .gte])
  func llamaIsRefused(_ family: Family) throws {
    let model = try family.model()
    #expect(!model.loadsInLlama)
    let failure = #expect(throws: Failure.self) { try write(model, .gguf) }
    #expect(failure?.kind == .badData)
    #expect(
      failure?.problem == "models of the family \(family.name) cannot be exported for llama.cpp")
    #expect(failure?.remedy == "export it as hf or onnx")
  }

  /// llama.cpp's graph of ModernBERT, with windows, two bases and both kinds of pooling.
  @Test(arguments: ["cls", "mean"], ["gelu", "silu"])
  func llamasModernBERT(pooling: String, activation: String) throws {
    var tiny = Family.modernBERT.tiny
    tiny.configuration?["classifier_pooling"] = "\"\(pooling)\""
    tiny.configuration?["hidden_activation"] = "\"\(activation)\""
    let model = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
    #expect(model.loadsInLlama)
    let report = try write(model, .gguf)
    // Sums in another order.
    #expect(try #require(report.agreement).difference < 1e-5)
    let saysPooling = report.limits.contains { $0.contains("pool by mean") }
    #expect(saysPooling == (pooling == "cls"))
    let reader = try GGUFReader(path: "\(output)/model-f32.gguf")
    let expected: [String: GGUFValue] = [
      "general.architecture": "modern-bert", "modern-bert.context_length": .uint32(42),
      "modern-bert.attention.sliding_window": .uint32(8),
      "modern-bert.attention.sliding_window_pattern": .uint32(2),
      "modern-bert.rope.freq_base": .float32(1000), "modern-bert.rope.freq_base_swa": .float32(50),
      "modern-bert.hidden_activation": .text(activation),
      "modern-bert.classifier.activation": "gelu",
      "modern-bert.classifier.pooling_type": .uint32(pooling == "cls" ? 2 : 1),
    ]
    for (key, value) in expected { #expect(reader.metadata[key] == value, "\(key)") }
    #expect(reader["blk.0.attn_norm.weight"] == nil && reader["blk.1.attn_norm.weight"] != nil)
    #expect(reader["blk.0.ffn_up.weight"]?.extents == [24, 40])
    #expect(reader["cls.norm.weight"] != nil && reader["output_norm.weight"] != nil)
  }

  /// What llama.cpp's graph of ModernBERT lacks is named.
  @Test(arguments: [
    ("norm_bias", "true", "biases of norms"),
    (
      "layer_types",
      #"["sliding_attention", "full_attention", "full_attention", "full_attention"]"#,
      "windowed layers that are not those between every N-th one"
    ),
    ("classifier_activation", "\"relu\"", "an activation other than GELU and SiLU"),
  ])
  func llamasModernBERTHasLimits(key: String, value: String, words: String) throws {
    var tiny =
      key == "norm_bias" ? Family.modernBERTMean.tiny : Family.modernBERT.tiny
    if key == "layer_types" { tiny.configuration?["global_attn_every_n_layers"] = nil }
    tiny.configuration?[key] = value
    let model = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
    #expect(!model.loadsInLlama)
    let failure = #expect(throws: Failure.self) { try write(model, .gguf) }
    #expect(failure?.problem.contains(words) ?? false, "\(failure?.problem ?? "")")
  }
}
