import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing

/// Keys of `config.json` by which another network than BERT's encoder would compute.
@Suite struct ComputationKeyTests {
  private func written(_ changes: [String: String?]) throws -> String {
    var model = TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 8)
    for (key, value) in changes { model.configuration?[key] = value }
    return try model.written()
  }

  @Test(arguments: [
    ("is_decoder", "true", "is_decoder is true: a token would attend only to those before it"),
    ("is_decoder", "1", "the value is 1"),
    (
      "add_cross_attention", "true",
      "add_cross_attention is true: the layers would attend to a second encoder"
    ),
    (
      "is_encoder_decoder", "true",
      "is_encoder_decoder is true: the layers would attend to a second encoder"
    ),
    (
      "position_embedding_type", "\"relative_key_query\"",
      "position_embedding_type is 'relative_key_query'"
    ),
    ("position_embedding_type", "\"alibi\"", "position_embedding_type is 'alibi'"),
    ("feed_forward_type", "\"geglu\"", "feed_forward_type is 'geglu'"),
    ("pruned_heads", #"{"0": [1]}"#, "some attention heads have been pruned"),
    ("quantization_config", #"{"quant_method": "gptq"}"#, "the weights are quantised"),
    (
      "auto_map", #"{"AutoConfig": "configuration_x.C", "AutoModel": "modeling_x.M"}"#,
      "the model uses custom code: 'configuration_x.C', 'modeling_x.M'"
    ),
    ("transformers_weights", "\"other.safetensors\"", "the weights are in a non-standard file"),
    ("layer_norm_eps", "-1", "the value is -1"), ("layer_norm_eps", "1e30", "the value is 1e+30"),
    ("initializer_range", "-0.5", "the value is -0.5"),
    ("hidden_act", "\"silu\"", "hidden_act is 'silu'"),
    ("model_type", "\"deberta\"", "model_type is 'deberta'"),
    ("sliding_window", "16", "sliding_window is 16, but a BERT has no windows"),
    ("local_attention", "128", "local_attention is 128, but a BERT has no windows"),
    ("attention_window", "[16]", "attention_window is a list, but a BERT has no windows"),
    (
      "layer_types", #"["full_attention", "sliding_attention"]"#,
      "the type of a layer is 'sliding_attention', but a BERT has no windows"
    ),
    (
      "rope_scaling", #"{"rope_type": "yarn"}"#,
      "rope_scaling is there, but a BERT has no rotary positions"
    ),
    ("pad_token_id", "656", "pad_token_id is 656, but the model has 656 tokens"),
  ])
  func refused(_ key: String, _ value: String, _ problem: String) throws {
    let path = try written([key: value])
    let failure = #expect(throws: Failure.self) { try CrossEncoder(ModelSource(path), seed: 1) }
    #expect(failure?.kind == .badData && failure?.problem == problem)
    #expect(failure?.place == Place(path + "/config.json", key: key))
    #expect(failure?.expected != nil)
    let embedding = #expect(throws: Failure.self) { try BiEncoder(ModelSource(path)) }
    #expect(embedding == failure)
  }

  /// What these keys say is what is computed, or has no bearing on it.
  @Test func harmless() throws {
    let path = try written([
      "is_decoder": "false", "add_cross_attention": "null", "position_embedding_type": "null",
      "feed_forward_type": "\"original\"", "pruned_heads": "{}", "quantization_config": "null",
      "auto_map": #"{"AutoTokenizer": ["tokenization_x.T", null]}"#,
      "transformers_weights": "\"model.safetensors\"", "chunk_size_feed_forward": "64",
      "tie_word_embeddings": "true", "torch_dtype": "\"bfloat16\"", "dtype": "\"float16\"",
      "problem_type": "\"regression\"", "use_cache": "true", "unknown_flag": "false",
      "gradient_checkpointing": "true", "architectures": "[\"BertModel\"]",
      "sliding_window": "null", "layer_types": "[\"full_attention\"]", "rope_scaling": "null",
      "pad_token_id": "655",
    ])
    #expect(try CrossEncoder(ModelSource(path), seed: 1).notices.isEmpty)
  }

  @Test func keysWithoutEffectAreNamed() throws {
    let path = try written(["rope_theta": "10000.0", "embedding_size": "8", "nothing": "[]"])
    #expect(
      try CrossEncoder(ModelSource(path), seed: 1).notices == [
        "keys of config.json without effect on a BERT: embedding_size, rope_theta"
      ])
  }

  @Test func missingType() throws {
    func failure(_ more: [String: String?]) throws -> Failure? {
      let path = try written(more.merging(["model_type": nil]) { first, _ in first })
      return #expect(throws: Failure.self) { try CrossEncoder(ModelSource(path), seed: 1) }
    }
    let plain = try failure([:])
    #expect(plain?.problem == "the key 'model_type' is missing")
    #expect(
      plain?.remedy
        == "if the weights are a BERT's, add \"model_type\": \"bert\" to config.json")
    let coded = try failure([
      "architectures": "[\"XLMRobertaForSequenceClassification\"]",
      "auto_map": #"{"AutoConfig": "c.XLMRobertaOtherConfig"}"#,
    ])
    #expect(
      coded?.problem
        == "the key 'model_type' is missing; architectures names "
        + "'XLMRobertaForSequenceClassification', auto_map names 'c.XLMRobertaOtherConfig'")
    #expect(coded?.remedy?.hasPrefix("use a BERT-family model") == true)
    #expect(coded?.place?.key == "model_type")
    // A class of a family that has no `model_type` is no reason to add one.
    let classed = try failure(["architectures": "[\"XLMRobertaForSequenceClassification\"]"])
    #expect(classed?.remedy?.hasPrefix("use a BERT-family model") == true)
  }

  /// Names of one function: compared with each other over the whole range by transformers 5.24,
  /// they differ by less than 1e-12.
  @Test(arguments: [
    ("gelu_python", "gelu"), ("gelu_pytorch_tanh", "gelu_new"), ("gelu_fast", "gelu_new"),
    ("gelu_accurate", "gelu_new"), ("gelu_python_tanh", "gelu_new"),
  ])
  func activations(_ name: String, _ same: String) throws {
    func activation(_ name: String) throws -> String {
      let path = try written(["hidden_act": "\"\(name)\""])
      return try CrossEncoder(ModelSource(path), seed: 1).blueprint.layers[0].feedForward.activation
        .rawValue
    }
    #expect(try activation(name) == same)
  }
}
