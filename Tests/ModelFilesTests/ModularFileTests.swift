import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing

/// What the files of a reranker of several modules may say, and how other models are told apart from it.
@Suite struct ModularFileTests {
  private var ettin: ModularModel {
    ModularModel(
      .modernBERT(width: 12, layers: 2, heads: 2, inner: 10), prefix: "model.", width: 12)
  }

  private func load(
    _ model: ModularModel, for use: HeadUse = .scoring(label: nil)
  ) throws -> CrossEncoder {
    try CrossEncoder(ModelSource(model.written()), seed: 1, for: use)
  }

  private func replaced(_ file: String, _ old: String, _ new: String) -> ModularModel {
    var model = ettin
    model.files[file] = model.files[file]?.replacing(old, with: new)
    return model
  }

  /// The failure of a model, with its folder called M.
  private func failure(
    _ model: ModularModel, for use: HeadUse = .scoring(label: nil),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (kind: Failure.Kind, text: String) {
    let path = try model.written()
    let failure = try #require(throws: Failure.self, sourceLocation: sourceLocation) {
      try CrossEncoder(ModelSource(path), seed: 1, for: use)
    }
    return (failure.kind, failure.description.replacing(path, with: "M"))
  }

  @Test func headOfModules() throws {
    for use in [HeadUse.base, .scoring(label: nil)] {
      let model = try load(ettin, for: use)
      #expect(model.fresh.isEmpty && model.notices.isEmpty, "\(model.notices)")
      let norm = NormBlueprint("3_LayerNorm.norm", epsilon: 1e-5)
      #expect(
        model.blueprint.head == [
          .dense(DenseBlueprint("2_Dense.linear", from: 12, to: 12, hasBias: false)),
          .activation(.gelu), .norm(norm),
          .dense(DenseBlueprint("4_Dense.linear", from: 12, to: 1)),
        ])
      #expect(model.blueprint.pooling == .first)
      #expect(model.blueprint.classifier.name == "4_Dense.linear")
    }
  }

  /// Names of classes differ between versions, pooling had a key for each mode, and the encoder may be
  /// in a folder of its own.
  @Test func otherSpellings() throws {
    var model = ettin
    model.files["1_Pooling/config.json"] =
      #"{"word_embedding_dimension": 12, "pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}"#
    model.files["modules.json"] = model.files["modules.json"]?
      .replacing("sentence_transformer.modules.pooling.", with: "models.")
    model.files["2_Dense/config.json"] = """
      {"in_features": 12, "out_features": 12, "bias": false,
       "activation_function": "torch.nn.SiLU"}
      """
    // The output of the last module alone tells a reranker.
    model.files["config_sentence_transformers.json"] = nil
    let found = try load(model)
    #expect(found.blueprint.pooling == .mean && found.blueprint.head[1] == .activation(.silu))
    #expect(found.fitsFamilyHead)

    var apart = ettin
    apart.files["modules.json"] = apart.files["modules.json"]?
      .replacing(#""path": """#, with: #""path": "0_Transformer""#)
    let root = try Material.temporaryFolder()
    try apart.encoder.write(to: root.appending(path: "0_Transformer"))
    apart.encoder = TinyModel()
    apart.encoder.configuration = nil
    apart.encoder.vocabulary = nil
    apart.encoder.tensors = [:]
    try apart.write(to: root)
    try FileManager.default.removeItem(at: root.appending(path: "model.safetensors"))
    let model2 = try CrossEncoder(ModelSource(root.path), seed: 1)
    #expect(
      model2.parameters.array == (try load(ettin)).parameters.array)
  }

  /// An embedding model may have dense modules too. As a base it gets a new head.
  @Test func embeddingModels() throws {
    var model = ettin
    model.files["config_sentence_transformers.json"] = #"{"model_type": "SentenceTransformer"}"#
    model.files["4_Dense/config.json"] = model.files["4_Dense/config.json"]?
      .replacing("scores", with: "sentence_embedding")
    let source = try ModelSource(model.written())
    let base = try CrossEncoder(source, seed: 1)
    #expect(base.modularHead == nil && base.fresh.contains("classifier.weight"))
    #expect(base.notices.contains { $0.contains("some parts of the model are not used") })
    #expect(throws: Failure.self) { try source.sentenceLayout() }
  }

  /// A classifier of transformers that sentence-transformers has saved is its only module.
  @Test func classifierAsTheOnlyModule() throws {
    let folder = try Material.temporaryFolder()
    try TinyModel.modernBERT(width: 12, layers: 2, heads: 2, inner: 10).write(to: folder)
    for (name, text) in [
      "modules.json": #"[{"path": "", "type": "sentence_transformers.base.modules.Transformer"}]"#,
      "config_sentence_transformers.json": #"{"model_type": "CrossEncoder"}"#,
      "sentence_bert_config.json": #"{"transformer_task": "sequence-classification"}"#,
    ] { try Data(text.utf8).write(to: folder.appending(path: name)) }
    let model = try CrossEncoder(ModelSource(folder.path), seed: 1, for: .scoring(label: nil))
    #expect(model.modularHead == nil && model.fresh.isEmpty)
  }

  /// The tokens of a reranker are read as a bi-encoder's, as those of any other cross-encoder.
  @Test func encoderOfAReranker() throws {
    let source = try ModelSource(ettin.written())
    #expect(source.pooling == nil)
    #expect(try BiEncoder(source).parameters.table["2_Dense.linear.weight"] == nil)
  }

  @Test func otherDropout() throws {
    let model = try CrossEncoder(ModelSource(ettin.written(), dropout: 0.3), seed: 1)
    #expect(model.blueprint.hiddenDropout == 0.3 && !model.blueprint.head.contains(.dropout))
  }

  @Test(arguments: [
    ("modules.json", "3_LayerNorm", "../x", "the module '../x' is missing"),
    ("modules.json", "norm.LayerNorm", "norm.Normalize", "module 3 of the reranker is 'Normalize'"),
    ("modules.json", "pooling.Pooling", "dense.Dense", "module 1 of the reranker is 'Dense'"),
    ("modules.json", "Transformer\"", "Router\"", "module 0 of the reranker is 'Router'"),
    ("modules.json", #""path": "4_Dense""#, #""way": "4_Dense""#, "not a list of modules"),
    ("1_Pooling/config.json", "12", "13", "'2_Dense' reads 12 columns"),
    ("1_Pooling/config.json", "cls", "weightedmean", "unsupported pooling mode"),
    (
      "1_Pooling/config.json", "embedding_dimension", "width",
      "'embedding_dimension' is missing"
    ),
    (
      "2_Dense/config.json", "\"out_features\": 12", "\"out_features\": 11",
      "'3_LayerNorm' reads 12"
    ),
    ("2_Dense/config.json", "activation.GELU", "activation.Mish", "one of torch.nn.modules"),
    (
      "2_Dense/config.json", "torch.nn.modules.activation.GELU", "my.GELU", "the value is 'my.GELU'"
    ),
    (
      "2_Dense/config.json", "\"bias\": false", "\"bias\": true", "'2_Dense.linear.bias' is missing"
    ),
    ("2_Dense/config.json", "\"bias\": false", "\"use_residual\": true", "adds its input"),
    ("2_Dense/config.json", "_name\": \"sentence_embedding\"}", "_name\": \"x\"}", "'x'"),
    ("2_Dense/config.json", "\"sentence_embedding\"}", "\"scores\"}", "gives 12 scores"),
    ("3_LayerNorm/config.json", "12", "8", "reads 8 columns, the one before it gives 12"),
    ("4_Dense/config.json", "\"out_features\": 1", "\"out_features\": 2", "gives 2 scores"),
    ("4_Dense/config.json", "linear.Identity", "activation.Sigmoid", "one of torch.nn.modules"),
    ("4_Dense/config.json", "linear.Identity", "activation.Tanh", "is applied to the score"),
    ("4_Dense/config.json", "\"scores\"", "\"sentence_embedding\"", "gives the score"),
    ("4_Dense/config.json", "\"bias\": true", "\"bias\": false", "not part of the module"),
    ("config_sentence_transformers.json", "null", "\"q\"", ""),
    (
      "config_sentence_transformers.json", "{}, \"default_prompt_name\": null",
      "{\"q\": \"query: \"}, \"default_prompt_name\": \"q\"", "the prompt 'query: '"
    ),
    ("config_sentence_transformers.json", "}", "", "this is not a JSON object"),
    ("sentence_bert_config.json", "feature-extraction", "fill-mask", "'feature-extraction'"),
    ("sentence_bert_config.json", "\"module", "\"do_lower_case\": true, \"module", "lowercased"),
  ])
  func whatIsNotKnown(_ file: String, _ old: String, _ new: String, _ expected: String) throws {
    let model = replaced(file, old, new)
    #expect(model.files[file] != ettin.files[file])
    if expected.isEmpty {
      // A default prompt that is not defined is none.
      #expect(try load(model).fresh.isEmpty)
      return
    }
    for use in [HeadUse.base, .scoring(label: nil)] {
      let found = try failure(model, for: use)
      #expect([.badData, .missingInput].contains(found.kind), "\(found.text)")
      #expect(found.text.contains(expected), "\(found.text)")
      #expect(found.text.contains("at: M/"), "\(found.text)")
    }
  }

  @Test func missingParts() throws {
    var model = ettin
    model.tensors["3_LayerNorm"] = nil
    #expect(
      try failure(model).text == """
        error: the weights are missing: there is no 'model.safetensors' or 'pytorch_model.bin'
          at: M/3_LayerNorm
          to do: download model.safetensors of the model into this folder
        """)
    model = ettin
    model.tensors["3_LayerNorm"]?["norm.bias"] = nil
    #expect(
      try failure(model).text == """
        error: the tensor '3_LayerNorm.norm.bias' is missing
          at: M/3_LayerNorm/model.safetensors
          expected: shape [12], as config.json says
          to do: use the config.json and weights of the same model
        """)
    model = ettin
    model.tensors["4_Dense"]?["linear.weight"]?.shape = [12, 1]
    #expect(
      try failure(model, for: .base).text == """
        error: the tensor '4_Dense.linear.weight' has shape [12, 1]
          at: M/4_Dense/model.safetensors, key '4_Dense.linear.weight'
          expected: [1, 12], as config.json says
          to do: use the config.json and weights of the same model
        """)
    model = ettin
    model.files["2_Dense/config.json"] = nil
    #expect(
      try failure(model).text == """
        error: the configuration of the module '2_Dense' is missing
          at: M/2_Dense/config.json
          expected: the files of all modules that modules.json lists
          to do: download the model again, with its folders
        """)
    model = ettin
    model.files["modules.json"] = "[{"
    #expect(try failure(model).text.contains("not a list of modules"))
    model = ettin
    model.encoder.configuration?["hidden_size"] = "16"
    #expect(try failure(model).text.contains("read 12 columns, the encoder gives 16"))
    #expect(try failure(ettin, for: .scoring(label: "yes")).kind == .usage)
  }

  @Test func truncatedModule() throws {
    let path = try ettin.written()
    let file = URL(filePath: path).appending(path: "2_Dense/model.safetensors")
    let bytes = try Data(contentsOf: file)
    try bytes.prefix(bytes.count - 5).write(to: file)
    let failure = #expect(throws: Failure.self) { try CrossEncoder(ModelSource(path), seed: 1) }
    #expect(failure?.kind == .badData)
    #expect(failure?.place?.file.hasSuffix("2_Dense/model.safetensors") ?? false)
  }

  /// What the family's classifier lacks is named, and what keeps the head.
  @Test func headsWithoutACounterpart() throws {
    func problem(_ model: ModularModel) throws -> String {
      let model = try load(model)
      #expect(!model.fitsFamilyHead)
      let failure = #expect(throws: Failure.self) { try model.withFamilyHead() }
      #expect(failure?.kind == .badData)
      #expect(failure?.remedy?.contains("sentence-transformers or onnx") ?? false)
      return failure?.problem ?? ""
    }
    let cannot = "ModernBertForSequenceClassification cannot compute this head: "
    #expect(
      try problem(replaced("1_Pooling/config.json", "cls", "max")) == cannot
        + "it has no pooling 'max'")
    #expect(
      try problem(replaced("2_Dense/config.json", "GELU", "Tanh"))
        == cannot + "step 2, tanh, has no counterpart")
    var model = ettin
    model.encoder.configuration?["norm_eps"] = "0.001"
    #expect(try problem(model) == cannot + "step 3, norm with epsilon 1e-05, has no counterpart")
    let bert = ModularModel(
      TinyModel(width: 8, layers: 1, heads: 2, inner: 8), prefix: "bert.", width: 8)
    #expect(
      try problem(bert)
        == "BertForSequenceClassification cannot compute this head: step 2, gelu, has no counterpart"
    )
  }
}
