import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Tensors
import Testing

/// Files of the family GTE. `FamilyReferenceTests` compares what they compute.
@Suite struct GTEFileTests {
  private func tiny(head: Bool = true) -> TinyModel {
    TinyModel(width: 8, layers: 2, heads: 2, inner: 6, positions: 10, head: head).gte()
  }

  @Test func everyTensorIsRead() throws {
    let tiny = tiny()
    let model = try tiny.loaded()
    #expect(model.fresh.isEmpty && model.notices.isEmpty)
    #expect(model.maximumLength == 10 && !model.blueprint.hasTokenTypes)
    tiny.expectTensors(in: model)
    let rotations = AttentionBlueprint.Positions.rotary(
      base: 200, scaling: .ntk(factor: 8, mix: nil))
    #expect(model.blueprint.layers.map(\.attention.positions) == [rotations, rotations])
  }

  /// As Alibaba-NLP/gte-multilingual-base has it: the names of the encoder alone, or with its head
  /// for the weights of tokens, which scores no pair.
  @Test(arguments: [true, false])
  func encoderOfSentences(isBare: Bool) throws {
    var tiny = tiny(head: false)
    if isBare {
      tiny.tensors = Dictionary(
        uniqueKeysWithValues: tiny.tensors.map { (String($0.key.dropFirst(4)), $0.value) })
    } else {
      tiny.tensors["classifier.weight"] = .init(
        shape: [1, 8], values: [Float](repeating: 1, count: 8))
      tiny.tensors["classifier.bias"] = .init(shape: [1], values: [1])
    }
    let encoder = try BiEncoder(ModelSource(tiny.written()))
    #expect(encoder.width == 8 && encoder.maximumLength == 10)
    let base = try tiny.loaded(for: .base)
    #expect(
      base.fresh == [
        "new.pooler.dense.weight", "new.pooler.dense.bias", "classifier.weight",
        "classifier.bias",
      ])
    if !isBare {
      let failure = #expect(throws: Failure.self) { try tiny.loaded() }
      #expect(failure?.kind == .badData && failure?.place?.key == "classifier.weight")
    }
  }

  /// Both forms of the projections, and what embeddings and norms may lack.
  @Test func otherForms() throws {
    var tiny = tiny(head: false)
    tiny.configuration?["pack_qkv"] = "false"
    let failure = #expect(throws: Failure.self) { try tiny.loaded(for: .base) }
    #expect(
      failure?.problem == "the tensor 'new.encoder.layer.0.attention.q_proj.weight' is missing")
    tiny = self.tiny()
    tiny.configuration?["layer_norm_type"] = "\"rms_norm\""
    tiny.configuration?["type_vocab_size"] = "0"
    let plain = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(
      plain?.problem
        == "the tensor 'new.embeddings.token_type_embeddings.weight' is not part of this model")
    tiny.tensors["new.embeddings.token_type_embeddings.weight"] = nil
    for layer in 0..<2 {
      for norm in ["attn_ln", "mlp_ln"] {
        tiny.tensors["new.encoder.layer.\(layer).\(norm).bias"] = nil
      }
    }
    let model = try tiny.loaded()
    #expect(model.blueprint.embeddings.types == nil)
    #expect(model.blueprint.embeddings.norm?.hasBias == true)
    let layer = model.blueprint.layers[1]
    #expect(layer.attention.norm?.kind == .rms && layer.feedForward.norm?.hasBias == false)
  }

  /// A factor of 1 leaves the frequencies as they are in the published code, and so does null.
  @Test(arguments: [
    ("null", RotaryScaling.none), (#"{"type": "ntk", "factor": 1}"#, .none),
    (#"{"rope_type": "ntk", "factor": 2.5}"#, .ntk(factor: 2.5, mix: nil)),
    (#"{"type": "ntk", "factor": 2, "mixed_b": null}"#, .ntk(factor: 2, mix: nil)),
    (#"{"type": "ntk", "factor": 2, "mixed_b": 0.625}"#, .ntk(factor: 2, mix: 0.625)),
  ])
  func scalings(_ value: String, _ scaling: RotaryScaling) throws {
    var tiny = tiny()
    tiny.configuration?["rope_scaling"] = value
    #expect(
      try tiny.loaded().blueprint.layers[0].attention.positions
        == .rotary(base: 200, scaling: scaling))
  }

  /// Of the published code's implementations, without effect on scores.
  @Test func implementations() throws {
    var tiny = tiny()
    for key in ["unpad_inputs", "use_memory_efficient_attention", "logn_attention_clip1"] {
      tiny.configuration?[key] = "true"
    }
    let (model, plain) = (try tiny.loaded(), try self.tiny().loaded())
    #expect(model.notices.isEmpty && model.blueprint == plain.blueprint)
    tiny.configuration?["logn_attention_scale"] = "true"
    tiny.configuration?["sliding"] = "3"
    let scaled = try tiny.loaded()
    #expect(
      scaled.blueprint.layers[0].attention.lengthScaling
        == LengthScaling(length: 10, isCapped: true))
    #expect(scaled.notices == ["keys of config.json without effect on a GTE: sliding"])
  }

  @Test(arguments: [
    ("rope_scaling", #"{"type": "linear", "factor": 2}"#, "type", "'linear'"),
    ("rope_scaling", #"{"rope_type": "yarn", "factor": 2}"#, "rope_type", "'yarn'"),
    ("rope_scaling", #"{"type": "ntk"}"#, "factor", "rope_scaling has no factor"),
    ("rope_scaling", #"{"type": "ntk", "factor": 0.5}"#, "factor", "the value is 0.5"),
    (
      "rope_scaling", #"{"type": "ntk", "factor": 2, "alpha": 3}"#, "alpha",
      "rope_scaling has an unknown key 'alpha'"
    ),
    (
      "rope_parameters", #"{"rope_theta": 20000.0}"#, "rope_theta",
      "a GTE reads its rotary positions from rope_theta and rope_scaling"
    ),
    ("rope_theta", "0", "", "the value is 0"),
    ("layer_norm_type", "\"group_norm\"", "", "layer_norm_type is 'group_norm'"),
    ("position_embedding_type", "\"alibi\"", "", "position_embedding_type is 'alibi'"),
    ("hidden_act", "\"tanh\"", "", "hidden_act is 'tanh'"),
    ("num_attention_heads", "3", "", "hidden_size 8 is not a multiple of 3 attention heads"),
    ("num_attention_heads", "8", "", "the head width, 1, is odd"),
    ("pack_qkv", "\"yes\"", "", "the value is 'yes'"),
    ("sliding_window", "16", "", "sliding_window is 16, but a GTE has no windows"),
    (
      "auto_map", #"{"AutoModel": "a/b--modeling.NewerModel", "AutoConfig": "c.OtherConfig"}"#, "",
      "the model uses custom code: 'c.OtherConfig'"
    ),
    ("is_decoder", "true", "", "is_decoder is true"),
  ])
  func refused(_ key: String, _ value: String, _ inner: String, _ problem: String) throws {
    #expect(try tiny().refusal(key, value, at: inner)?.problem.contains(problem) == true)
  }

  /// The logarithm to the base of one position has no value.
  @Test func onePosition() throws {
    var tiny = TinyModel(width: 8, layers: 1, heads: 2, inner: 6, positions: 1).gte()
    tiny.configuration?["logn_attention_scale"] = "true"
    let failure = #expect(throws: Failure.self) { try tiny.loaded() }
    #expect(failure?.place?.key == "logn_attention_scale")
  }
}
