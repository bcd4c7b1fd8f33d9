import Autodiff
import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import ModelSupport
import Models
import Randomness
import TestSupport
import Testing
import Tokenization
import Verification

/// Exports of decoders, which follow from their blueprints.
@Suite struct DecoderExportTests {
  /// A family with the keys in which it differs from the others.
  struct Family: Sendable, CustomTestStringConvertible {
    var type: String
    var keys: [String: String] = [:]
    var className: String

    var testDescription: String { type }

    static let all = [
      Family(type: "qwen3", keys: ["head_dim": "8"], className: "Qwen3ForSequenceClassification"),
      Family(
        type: "qwen2",
        keys: [
          "use_sliding_window": "true", "sliding_window": "6", "max_window_layers": "1",
          "rope_scaling": #"{"type": "linear", "factor": 2.5}"#,
        ], className: "Qwen2ForSequenceClassification"),
      Family(
        type: "llama",
        keys: [
          "attention_bias": "true", "mlp_bias": "true",
          "rope_parameters": """
          {"rope_type": "llama3", "rope_theta": 100.0, "factor": 8.0, "low_freq_factor": 1.0,
           "high_freq_factor": 4.0, "original_max_position_embeddings": 32}
          """,
        ], className: "LlamaForSequenceClassification"),
      Family(
        type: "llama_bidirec",
        className: "LlamaBidirectionalForSequenceClassification"),
      Family(type: "gemma", keys: ["head_dim": "8"], className: "GemmaForSequenceClassification"),
      Family(
        type: "gemma2",
        keys: [
          "head_dim": "8", "sliding_window": "6", "query_pre_attn_scalar": "5",
          "attn_logit_softcapping": "2.5",
        ], className: "Gemma2ForSequenceClassification"),
      Family(
        type: "gemma3_text",
        keys: [
          "head_dim": "8", "sliding_window": "6", "sliding_window_pattern": "2",
          "rope_local_base_freq": "50", "query_pre_attn_scalar": "7",
          "rope_scaling": #"{"rope_type": "linear", "factor": 8.0}"#,
        ], className: "Gemma3TextForSequenceClassification"),
    ]

    /// Files of a model of random weights, of which the tokenizer is BERT's.
    func tiny(head: Bool = true) throws -> TinyModel {
      var tiny = TinyModel()
      tiny.configuration = [
        "model_type": "\"\(type)\"", "vocab_size": "\(tiny.vocabulary?.count ?? 0)",
        "hidden_size": "24", "num_hidden_layers": "3", "num_attention_heads": "4",
        "num_key_value_heads": "2", "intermediate_size": "20", "max_position_embeddings": "42",
        "rope_theta": "100.0",
      ].merging(keys) { $1 }
      if keys["rope_parameters"] != nil { tiny.configuration?["rope_theta"] = nil }
      let json = (tiny.configuration ?? [:]).map { "\"\($0)\": \($1)" }.joined(separator: ", ")
      let configuration = try ConfigurationKeys(Array("{\(json)}".utf8), name: "config.json")
      let architecture = try Architectures.named(by: configuration).init(configuration)
      var table = ParameterTable()
      _ = CrossEncoderLayers(architecture, in: &table)
      var random = SplitMix64(seed: 5)
      tiny.tensors = [:]
      for entry in table.entries where head || entry.name != "score.weight" {
        let center: Float = entry.name.hasSuffix("norm.weight") ? 1 : 0
        let values = (0..<entry.parameter.shape.count).map { _ in
          center + 0.3 * Float(2 * random.uniform() - 1)
        }
        tiny.tensors[entry.name] = TinyModel.Tensor(
          shape: entry.parameter.shape.array, values: values)
      }
      return tiny
    }

    func model() throws -> CrossEncoder {
      try CrossEncoder(ModelSource(tiny().written()), seed: 1)
    }
  }

  private let output: String

  init() throws { output = try Material.temporaryFolder().appending(path: "out").path }

  /// Up to the longest there are positions for, which is longer than windows.
  private func pairs(_ model: CrossEncoder) -> [EncodedPair] {
    TinyModel.pairs([(1, 1), (9, 4), (3, 30), (30, 60)], of: model)
  }

  @discardableResult
  private func write(_ model: CrossEncoder, _ format: ExportFormat) throws -> ExportReport {
    let outcome = try export(
      ExportRequest(model: model, notes: ModelNotes()), as: [format], to: output, overwrite: true,
      check: ExportCheck(pairs: pairs(model)))
    return try #require(outcome.reports.first)
  }

  private func configuration() throws -> JSONValue {
    try JSONValue(readFile("\(output)/config.json").array, name: "config.json")
  }

  @Test(arguments: Family.all)
  func directory(_ family: Family) throws {
    let model = try family.model()
    let report = try write(model, .huggingFace)
    #expect(report.agreement?.difference == 0)
    let config = try configuration()
    #expect(config["architectures"] == [.text(family.className)])
    #expect(config["num_labels"] == 1)
    // transformers finds the last token by it, and needs none where all are pooled.
    #expect(model.blueprint.pooling != .last || config["pad_token_id"] == 0)
    let again = try CrossEncoder(ModelSource(output), seed: 1)
    #expect(again.fresh.isEmpty && again.blueprint == model.blueprint)
    #expect(again.notices.filter { $0.contains("without effect") }.isEmpty, "\(again.notices)")
    #expect(again.parameters.values.floats.array == model.parameters.values.floats.array)
  }

  @Test(arguments: Family.all)
  func graph(_ family: Family) throws {
    let report = try write(family.model(), .onnx)
    #expect(try #require(report.agreement).difference < 2e-5)
  }

  /// Rotary positions appear under the keys of transformers 4 and of 5.
  @Test func bothSetsOfKeys() throws {
    try write(Family.all[6].model(), .huggingFace)
    let gemma = try configuration()
    #expect(gemma["rope_theta"]?.double == 100 && gemma["rope_local_base_freq"]?.double == 50)
    #expect(gemma["rope_scaling"]?["factor"]?.double == 8)
    let parameters = gemma["rope_parameters"]
    #expect(parameters?["full_attention"]?["rope_type"] == "linear")
    #expect(parameters?["sliding_attention"]?["rope_theta"]?.double == 50)
    #expect(gemma["query_pre_attn_scalar"] == 7)
    try write(Family.all[2].model(), .huggingFace)
    let llama = try configuration()
    #expect(llama["rope_scaling"]?["rope_type"] == "llama3" && llama["rope_theta"]?.double == 100)
    #expect(llama["rope_parameters"]?["original_max_position_embeddings"] == 32)
  }

  /// A language model becomes a sequence classifier, which needs no answers.
  @Test func answersBecomeAClassifier() throws {
    var tiny = try Family.all[0].tiny(head: false)
    tiny.configuration?["tie_word_embeddings"] = "true"
    tiny.configuration?["architectures"] = #"["Qwen3ForCausalLM"]"#
    let folder = try tiny.written()
    let notes = #"{"answers": {"positive": 12, "negative": 30}}"#
    try Data(notes.utf8).write(to: URL(filePath: folder).appending(path: "ltr.json"))
    let source = try ModelSource(folder)
    let model = try CrossEncoder(source, seed: 1, for: .scoring(label: nil))
    let outcome = try export(
      ExportRequest(model: model, notes: try ModelNotes(of: source)), as: [.huggingFace],
      to: output, check: ExportCheck(pairs: pairs(model)))
    #expect(outcome.reports.first?.agreement?.difference == 0)
    #expect(try configuration()["architectures"] == ["Qwen3ForSequenceClassification"])
    let again = try ModelSource(output)
    #expect(again.answers == nil)
    let words = try #require(tiny.tensors["model.embed_tokens.weight"]).values
    let score = try CrossEncoder(again, seed: 1)
    let weights = score.parameters.array(of: try #require(score.parameters.table["score.weight"]))
    let rows = (words[12 * 24..<13 * 24], words[30 * 24..<31 * 24])
    let difference: [Float] = zip(rows.0, rows.1).map { $0 - $1 }
    #expect(weights == difference)
  }

  /// llama.cpp fills in query and document wherever their names are, also where an instruction that
  /// was filled in before has one.
  @Test(arguments: ["{query}", "{document}"])
  func namesInAnInstruction(_ name: String) throws {
    var source = try ModelSource(Family.all[0].tiny().written())
    source.sidecar.prompt = PromptTemplate(
      text: "{instruction} {query} {document}", instruction: "what \(name) is")
    let model = try CrossEncoder(source, seed: 1)
    let failure = #expect(throws: Failure.self) { try write(model, .gguf) }
    #expect(failure?.problem.hasPrefix("llama.cpp fills in '\(name)' wherever it is") == true)
    #expect(failure?.place?.key == "instruction" && failure?.remedy != nil)
    // Elsewhere the instruction is text.
    #expect(try write(model, .huggingFace).agreement?.difference == 0)
    #expect(try write(model, .onnx).agreement?.isClose == true)
  }

  /// transformers finds the last token by the padding token.
  @Test func missingPaddingToken() throws {
    var tiny = try Family.all[0].tiny()
    tiny.vocabulary?[0] = "other"
    let model = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
    let failure = #expect(throws: Failure.self) { try write(model, .huggingFace) }
    #expect(failure?.problem.hasPrefix("the model has no padding token") == true)
    #expect(failure?.remedy == "add pad_token_id to the model's config.json")
    tiny.configuration?["pad_token_id"] = "7"
    try write(try CrossEncoder(ModelSource(tiny.written()), seed: 1), .huggingFace)
    #expect(try configuration()["pad_token_id"] == 7)
    // Texts may contain this token.
    #expect(try paddingToken() == nil)
  }

  /// `tokenizer.json` names no padding token unless it pads. transformers and others pad with that of
  /// `tokenizer_config.json`, a text or an object.
  @Test(arguments: [#""[MASK]""#, #"{"content": "[MASK]", "lstrip": false}"#])
  func paddingTokenOfTheConfiguration(_ value: String) throws {
    var tiny = try Family.all[0].tiny()
    tiny.vocabulary?[0] = "other"
    tiny.configuration?["pad_token_id"] = "7"
    try write(try CrossEncoder(ModelSource(tiny.written()), seed: 1), .huggingFace)
    let folder = URL(filePath: output + "-2")
    try FileManager.default.copyItem(at: URL(filePath: output), to: folder)
    try Data("{\"pad_token\": \(value)}".utf8).write(
      to: folder.appending(path: "tokenizer_config.json"))
    try write(try CrossEncoder(ModelSource(folder.path), seed: 1), .huggingFace)
    #expect(try configuration()["pad_token_id"] == 4)
    #expect(try paddingToken() == "[MASK]")
  }

  private func paddingToken() throws -> String? {
    let name = "tokenizer_config.json"
    let json = try JSONValue(readFile("\(output)/\(name)").array, name: name)
    guard case .text(let text)? = json["pad_token"] else { return nil }
    return text
  }

  @Test(arguments: [Family.all[0], Family.all[3], Family.all[6]])
  func modules(_ family: Family) throws {
    let model = try family.model()
    let report = try write(model, .sentenceTransformers)
    #expect(report.agreement?.difference == 0)
    let again = try CrossEncoder(ModelSource(output), seed: 1)
    #expect(again.fresh.isEmpty && again.blueprint.pooling == model.blueprint.pooling)
  }

  @Test func llama() throws {
    let model = try Family.all[0].model()
    let report = try write(model, .gguf)
    #expect(try #require(report.agreement).difference < 2e-5)
    #expect(report.limits.contains { $0.contains("the sigmoid of the model's scores") })
    #expect(report.limits.contains { $0.contains("--cache-type-k f32") })
    let reader = try GGUFReader(path: "\(output)/model-f32.gguf")
    #expect(reader.metadata["general.architecture"] == "qwen3")
    #expect(reader.metadata["qwen3.attention.head_count_kv"] == .uint32(2))
    #expect(reader.metadata["qwen3.attention.key_length"] == .uint32(8))
    #expect(reader.metadata["qwen3.rope.freq_base"] == .float32(100))
    #expect(reader.metadata["qwen3.classifier.output_labels"] == .texts(["yes", "no"]))
    #expect(reader["cls.output.weight"]?.extents == [24, 2])
    #expect(reader["blk.2.attn_q_norm.weight"]?.extents == [8])
  }

  /// What llama.cpp's graph of Qwen3 lacks.
  @Test(arguments: [
    (
      ["rope_scaling": #"{"rope_type": "yarn", "factor": 4.0}"#],
      "rotary positions scaled other than linearly"
    ),
    (["attention_bias": "true"], "biases of dense layers (attention_bias)"),
    (
      ["use_sliding_window": "true", "sliding_window": "6", "max_window_layers": "1"],
      "attention other than to all tokens before"
    ),
  ])
  func llamaRefuses(_ keys: [String: String], _ part: String) throws {
    var family = Family.all[0]
    family.keys.merge(keys) { $1 }
    let model = try family.model()
    let failure = #expect(throws: Failure.self) { try write(model, .gguf) }
    #expect(failure?.problem == "llama.cpp's architecture 'qwen3' does not support \(part)")
  }
}
