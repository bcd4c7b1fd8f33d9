import Autodiff
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Tensors
import Testing

/// Files of the family ModernBERT. `FamilyReferenceTests` compares what they compute.
@Suite struct ModernBERTFileTests {
  private func tiny(biases: Bool = false, head: Bool = true) -> TinyModel {
    .modernBERT(width: 8, layers: 2, heads: 2, inner: 6, positions: 10, biases: biases, head: head)
  }

  private func family(_ changes: [String: String?], of tiny: TinyModel? = nil) throws -> ModernBERT
  {
    var tiny = tiny ?? self.tiny()
    for (key, value) in changes { tiny.configuration?[key] = value }
    return try #require(try tiny.loaded(for: .base).architecture as? ModernBERT)
  }

  @Test(arguments: [false, true])
  func everyTensorIsRead(_ biases: Bool) throws {
    let tiny = tiny(biases: biases)
    let model = try tiny.loaded()
    #expect(model.fresh.isEmpty && model.notices.isEmpty)
    #expect(model.maximumLength == 10)
    tiny.expectTensors(in: model)
  }

  /// transformers 5 names the same layers and rotations by other keys.
  @Test func oldAndNewKeys() throws {
    let rotations =
      #"{"full_attention": {"rope_theta": 1000.0, "rope_type": "default"}, "#
      + #""sliding_attention": {"rope_theta": 50.0}}"#
    let new: [String: String?] = [
      "layer_types": #"["full_attention", "sliding_attention"]"#, "rope_parameters": rotations,
      "global_attn_every_n_layers": nil, "global_rope_theta": nil, "local_rope_theta": nil,
    ]
    let old = try family([:])
    #expect(old.layerKinds == [.global, .local] && old.window == 8)
    #expect(old.globalBase == 1000 && old.localBase == 50)
    #expect(try family(new) == old)
    // Exports have both.
    let both = new.filter { $0.value != nil }
    #expect(try family(both) == old)
    let layers = old.blueprint.layers.map(\.attention)
    #expect(layers.map(\.mask) == [.full, .window(radius: 4)])
    #expect(layers.map(\.positions) == [.rotary(base: 1000), .rotary(base: 50)])
    #expect(layers.map { $0.norm == nil } == [true, false])
  }

  /// What transformers takes where a file does not say.
  @Test func defaults() throws {
    let sizes: Set = [
      "model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
      "intermediate_size", "max_position_embeddings",
    ]
    var tiny = tiny()
    tiny.configuration = tiny.configuration?.filter { sizes.contains($0.key) }
    let own = try family([:], of: tiny)
    #expect(own.layerKinds == [.global, .local] && own.window == 128)
    #expect(own.globalBase == 160_000 && own.localBase == 10_000)
    #expect(own.activation == .gelu && own.headActivation == .gelu && !own.poolsMean)
    let (biases, dropout) = (own.biases, own.dropout)
    #expect(!biases.attention && !biases.feedForward && !biases.norms && !biases.head)
    #expect(dropout.embeddings == 0 && dropout.attention == 0 && dropout.feedForward == 0)
    #expect(dropout.classifier == 0)
    #expect(own.normEpsilon == 1e-5)
  }

  @Test func settings() throws {
    let own = try family([
      "local_rope_theta": "null", "global_rope_theta": "700", "local_attention": "7",
      "classifier_pooling": "\"mean\"", "hidden_activation": "\"silu\"",
      "classifier_activation": "\"gelu_new\"", "embedding_dropout": "0.1",
      "attention_dropout": "0.2", "mlp_dropout": "0.3", "classifier_dropout": "0.4",
    ])
    // In old files local layers without a base of their own have that of the others.
    #expect(own.globalBase == 700 && own.localBase == 700)
    let blueprint = own.blueprint
    #expect(blueprint.layers[1].attention.mask == .window(radius: 3))
    #expect(blueprint.pooling == .mean && blueprint.layers[0].feedForward.activation == .silu)
    #expect(own.headActivation == .geluTanh)
    #expect(blueprint.embeddingDropout == 0.1 && blueprint.attentionDropout == 0.2)
    #expect(blueprint.attentionOutputDropout == 0.2 && blueprint.hiddenDropout == 0.3)
    #expect(blueprint.headDropout == 0.4)
    var same = own
    same.replaceDropout(by: 0.5)
    #expect(same.blueprint.attentionOutputDropout == 0.5 && same.blueprint.headDropout == 0.5)
  }

  @Test func notices() throws {
    var tiny = tiny()
    for (key, value) in [
      ("mlp_dropout", "0.25"), ("position_embedding_type", "\"sans_pos\""),
      ("pooler_type", "\"x\""),
      ("reference_compile", "false"), ("sparse_prediction", "true"), ("rope_theta", "10000.0"),
    ] { tiny.configuration?[key] = value }
    #expect(
      try tiny.loaded().notices == [
        "keys of config.json without effect on a ModernBERT: pooler_type, rope_theta; mlp_dropout 0.25 "
          + "is applied to the output of each feed-forward layer; transformers applies it before the "
          + "second product"
      ])
  }

  /// A file of masked-language pretraining, such as answerdotai/ModernBERT-base: its head continues as
  /// the classifier's, which has the same names, as in transformers; its decoder is unused.
  @Test func pretrainedModel() throws {
    var tiny = tiny()
    for name in ["classifier.weight", "classifier.bias"] { tiny.tensors[name] = nil }
    tiny.tensors["decoder.bias"] = .init(shape: [656], values: [Float](repeating: 1, count: 656))
    for use in [HeadUse.base, .scoring(label: nil)] {
      let model = try tiny.loaded(for: use)
      #expect(
        model.fresh == ["classifier.weight", "classifier.bias"])
      #expect(
        model.notices.contains { $0.hasPrefix("the head 'decoder' of the model is not used") })
      for name in ["head.norm.weight", "head.dense.weight"] {
        let parameter = try #require(model.parameters.table[name])
        #expect(model.parameters.array(of: parameter) == tiny.tensors[name]?.values)
      }
    }
  }

  /// As encoders of sentences have it: no prefix, no head.
  @Test func bareEncoder() throws {
    var tiny = tiny(head: false)
    tiny.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { (String($0.key.dropFirst(6)), $0.value) })
    let model = try tiny.loaded(for: .base)
    #expect(model.fresh.count == 4)
    let wide = try #require(model.parameters.table["model.layers.1.mlp.Wi.weight"])
    #expect(model.parameters.array(of: wide) == tiny.tensors["layers.1.mlp.Wi.weight"]?.values)
    let encoder = try BiEncoder(ModelSource(tiny.written()))
    #expect(encoder.width == 8 && encoder.maximumLength == 10)
  }

  /// The head below a classifier of several labels was trained with it and stays.
  @Test func twoLabels() throws {
    var tiny = tiny()
    tiny.configuration?["num_labels"] = "2"
    tiny.configuration?["id2label"] = #"{"0": "no", "1": "yes"}"#
    let rows = (0..<16).map { Float($0 * $0) }
    tiny.tensors["classifier.weight"] = .init(shape: [2, 8], values: rows)
    tiny.tensors["classifier.bias"] = .init(shape: [2], values: [1, 4])
    let model = try tiny.loaded()
    let weight = try #require(model.parameters.table["classifier.weight"])
    #expect(model.parameters.array(of: weight) == (0..<8).map { rows[8 + $0] - rows[$0] })
    #expect(try tiny.loaded(for: .base).fresh == ["classifier.weight", "classifier.bias"])
  }

  @Test(arguments: ["model.layers.0.attn_norm.weight", "model.layers.1.attn.Wo.bias"])
  func tensorThatTheFamilyLacks(_ name: String) throws {
    var tiny = tiny()
    tiny.tensors[name] = .init(shape: [8], values: [Float](repeating: 1, count: 8))
    let failure = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(failure?.problem == "the tensor '\(name)' is not part of this model")
  }

  @Test(arguments: [
    ("is_decoder", "true", "is_decoder is true: a token would attend only to those before it"),
    ("is_causal", "true", "is_causal is true: a token would attend only to those before it"),
    ("classifier_pooling", "\"max\"", "the value is 'max'"),
    ("hidden_activation", "\"gelu_10\"", "hidden_activation is 'gelu_10'"),
    ("num_attention_heads", "3", "hidden_size 8 is not a multiple of 3 attention heads"),
    (
      "num_attention_heads", "8",
      "the head width, 8 / 8, is odd: rotary positions need pairs of columns"
    ),
    ("head_dim", "2", "head_dim 2 is not hidden_size / num_attention_heads"),
    ("local_attention", "0", "the value is 0"), ("global_rope_theta", "0.5", "the value is 0.5"),
    ("layer_types", "\"full_attention\"", "the value is 'full_attention'"),
    (
      "layer_types", #"["full_attention", "chunked_attention"]"#,
      "the type of a layer is 'chunked_attention'"
    ),
    ("layer_types", #"["full_attention"]"#, "layer_types has 1 elements"),
    (
      "layer_types", #"["full_attention", "full_attention"]"#,
      "layer_types and global_attn_every_n_layers 2 contradict each other"
    ),
    ("rope_parameters", "7", "the value is 7"),
    ("position_embedding_type", "\"alibi\"", "position_embedding_type is 'alibi'"),
    ("sliding_window", "1000", "sliding_window is 1000, but local_attention is 8"),
    ("mlp_dropout", "1", "the value is 1"),
  ])
  func refused(_ key: String, _ value: String, _ problem: String) throws {
    #expect(try tiny().refusal(key, value)?.problem == problem)
  }

  /// Keys within objects.
  @Test(arguments: [
    (
      "rope_scaling", #"{"rope_type": "yarn", "factor": 4}"#, "rope_scaling.rope_type",
      "the scaling of rotary positions is 'yarn'"
    ),
    (
      "rope_parameters", #"{"full_attention": {"rope_type": "linear"}}"#,
      "rope_parameters.full_attention.rope_type", "the scaling of rotary positions is 'linear'"
    ),
    (
      "rope_parameters", #"{"rope_theta": 10}"#, "rope_parameters.rope_theta",
      "rope_parameters has an unknown key 'rope_theta'"
    ),
    (
      "rope_parameters", #"{"sliding_attention": {"rope_theta": 49}}"#,
      "rope_parameters.sliding_attention.rope_theta",
      "rope_theta is 49.0, but local_rope_theta is 50.0"
    ),
    (
      "rope_parameters", #"{"full_attention": {"rope_theta": "x"}}"#,
      "rope_parameters.full_attention.rope_theta", "the value is 'x'"
    ),
  ])
  func refusedWithin(
    _ key: String, _ value: String, _ place: String, _ problem: String
  ) throws {
    var tiny = tiny()
    tiny.configuration?[key] = value
    let path = try tiny.written()
    let failure = #expect(throws: Failure.self) { try CrossEncoder(ModelSource(path), seed: 1) }
    #expect(failure?.problem == problem)
    #expect(failure?.place == Place(path + "/config.json", key: place))
    #expect(failure?.expected != nil)
  }

  @Test(arguments: ["hidden_size", "num_attention_heads", "max_position_embeddings"])
  func missing(_ key: String) throws {
    var tiny = tiny()
    tiny.configuration?[key] = nil
    let failure = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(failure?.problem == "the key '\(key)' is missing")
  }
}
