import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Tensors
import TestSupport
import Testing

/// Keys of decoders that are refused, and those that transformers 4 and 5 write differently.
@Suite struct DecoderFileTests {
  private static let base: [String: String] = [
    "vocab_size": "40", "hidden_size": "48", "num_hidden_layers": "2", "num_attention_heads": "4",
    "num_key_value_heads": "2", "intermediate_size": "20", "max_position_embeddings": "32",
  ]

  private static func keys(_ type: String, _ changes: [String: String?]) throws
    -> ConfigurationKeys
  {
    var members = base
    members["model_type"] = "\"\(type)\""
    for (key, value) in changes { members[key] = value }
    let json = members.map { "\"\($0)\": \($1)" }.joined(separator: ", ")
    return try ConfigurationKeys(Array("{\(json)}".utf8), name: "config.json")
  }

  private func model(_ type: String, _ changes: [String: String?] = [:]) throws -> Blueprint {
    let keys = try Self.keys(type, changes)
    let family = try Architectures.named(by: keys)
    try family.check(keys)
    return try family.init(keys).blueprint
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var type: String
    var changes: [String: String?]
    var key: String
    var problem: String
    var testDescription: String { "\(type): \(problem)" }
  }

  static let refusals = [
    Refusal(
      type: "qwen3", changes: ["num_key_value_heads": "3"], key: "num_key_value_heads",
      problem: "3 heads of keys and values cannot be shared by 4 heads evenly"),
    Refusal(
      type: "qwen2", changes: ["num_attention_heads": "5", "num_key_value_heads": "5"],
      key: "num_attention_heads", problem: "hidden_size 48 is not a multiple of 5 attention heads"),
    Refusal(
      type: "qwen3", changes: ["head_dim": "9"], key: "head_dim",
      problem: "the head width 9 is odd: rotary positions need pairs of columns"),
    Refusal(
      type: "gemma2", changes: ["head_dim": "16", "num_attention_heads": "10"],
      key: "num_attention_heads",
      problem: "hidden_size 48 is not a multiple of 10 attention heads"),
    Refusal(
      type: "llama", changes: ["rope_scaling": #"{"type": "longrope", "factor": 4.0}"#],
      key: "rope_scaling.type", problem: "the scaling of rotary positions is 'longrope'"),
    Refusal(
      type: "qwen2", changes: ["rope_parameters": #"{"rope_type": "su", "rope_theta": 10}"#],
      key: "rope_parameters.rope_type", problem: "the scaling of rotary positions is 'su'"),
    Refusal(
      type: "llama",
      changes: [
        "rope_scaling": #"{"rope_type": "linear", "factor": 4.0}"#,
        "rope_parameters": #"{"rope_type": "linear", "factor": 2.0}"#,
      ], key: "rope_scaling", problem: "rope_scaling and rope_parameters contradict each other"),
    Refusal(
      type: "qwen3",
      changes: ["rope_theta": "1000000", "rope_parameters": #"{"rope_theta": 10000}"#],
      key: "rope_parameters.rope_theta",
      problem: "rope_theta is 10000.0 here and 1000000.0 outside rope_parameters"),
    Refusal(
      type: "llama",
      changes: [
        "rope_scaling":
          #"{"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1}"#
      ], key: "rope_scaling.low_freq_factor",
      problem: "low_freq_factor 4.0 is not below high_freq_factor 1.0"),
    Refusal(
      type: "qwen3",
      changes: [
        "rope_theta": "1",
        "rope_scaling":
          #"{"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 256}"#,
      ], key: "rope_theta",
      problem: "rope_theta is 1: with YaRN, columns need different frequencies"),
    Refusal(
      type: "llama", changes: ["partial_rotary_factor": "0.5"], key: "partial_rotary_factor",
      problem: "partial_rotary_factor is 0.5: only some columns of a head would be rotated"),
    Refusal(
      type: "llama", changes: ["sliding_window": "16"], key: "sliding_window",
      problem: "sliding_window asks for windows, which a Llama has not"),
    Refusal(
      type: "qwen3", changes: ["layer_types": #"["sliding_attention", "full_attention"]"#],
      key: "layer_types",
      problem:
        "layer_types has windows, but use_sliding_window is false or sliding_window is missing"
    ),
    Refusal(
      type: "gemma2", changes: ["layer_types": #"["full_attention"]"#], key: "layer_types",
      problem: "layer_types has 1 elements"),
    Refusal(
      type: "gemma3_text", changes: ["use_bidirectional_attention": "true"],
      key: "use_bidirectional_attention",
      problem: "use_bidirectional_attention is true: a token would attend to those after it"),
    Refusal(
      type: "llama_bidirec", changes: ["pooling": "\"cls\""], key: "pooling",
      problem: "the value is 'cls'"),
    Refusal(
      type: "llama_bidirec", changes: ["temperature": "0.2"], key: "temperature",
      problem: "scores are divided by 0.2"),
    Refusal(
      type: "qwen3", changes: ["pad_token_id": "40"], key: "pad_token_id",
      problem: "pad_token_id is 40, but the model has 40 tokens"),
    Refusal(
      type: "qwen3", changes: ["auto_map": #"{"AutoModel": "x.Y"}"#], key: "auto_map",
      problem: "the model uses custom code: 'x.Y'"),
  ]

  @Test(arguments: refusals)
  func refused(_ refusal: Refusal) {
    let failure = #expect(throws: Failure.self) { try model(refusal.type, refusal.changes) }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem == refusal.problem)
    #expect(failure?.place?.key == refusal.key)
    #expect(failure?.expected != nil)
  }

  /// The keys of transformers 4 and of 5 say the same.
  @Test func oldAndNewKeys() throws {
    let yarn = #""rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16"#
    let old = try model("qwen3", ["rope_theta": "5000", "rope_scaling": "{\(yarn)}"])
    let new = try model("qwen3", ["rope_parameters": "{\(yarn), \"rope_theta\": 5000.0}"])
    #expect(old == new)
    let positions = AttentionBlueprint.Positions.rotary(
      base: 5000, scaling: .yarn(.init(factor: 4, original: 16)))
    #expect(old.layers.map(\.attention.positions) == [positions, positions])
    let oldGemma = try model(
      "gemma3_text",
      [
        "rope_theta": "7000", "rope_local_base_freq": "300", "sliding_window_pattern": "2",
        "sliding_window": "8", "rope_scaling": #"{"rope_type": "linear", "factor": 8.0}"#,
      ])
    let newGemma = try model(
      "gemma3_text",
      [
        "layer_types": #"["sliding_attention", "full_attention"]"#, "sliding_window": "8",
        "rope_parameters": """
        {"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 7000.0},
         "sliding_attention": {"rope_type": "default", "rope_theta": 300.0}}
        """,
      ])
    #expect(oldGemma == newGemma)
    #expect(
      oldGemma.layers.map(\.attention.positions) == [
        .rotary(base: 300), .rotary(base: 7000, scaling: .linear(factor: 8)),
      ])
    #expect(oldGemma.layers.map(\.attention.mask) == [.causalWindow(radius: 7), .causal])
  }

  /// What files leave out is what transformers takes for granted.
  @Test func defaults() throws {
    #expect(try model("gemma").layers[0].attention.headWidth == 256)
    #expect(try model("qwen3").layers[0].attention.headWidth == 128)
    #expect(
      try model("gemma", ["hidden_act": "\"gelu\""]).layers[0].feedForward.activation == .geluTanh)
    let second = try model("gemma2").layers[0].attention
    #expect(second.cap == 50 && second.scale == 1.0 / 16)
    #expect(try model("gemma2", ["attn_logit_softcapping": "null"]).layers[0].attention.cap == nil)
    #expect(try model("gemma2").languageHead == LanguageHead("lm_head", isTied: true, cap: 30))
    #expect(try model("gemma3_text").layers[1].attention.positions == .rotary(base: 10_000))
    #expect(try model("qwen2").languageHead?.isTied == false)
  }

  /// The layers of a Qwen from `max_window_layers` on have windows, if they are on.
  @Test func windowsOfQwen() throws {
    let changes = ["sliding_window": "8", "max_window_layers": "1"]
    #expect(try model("qwen2", changes).layers.map(\.attention.mask) == [.causal, .causal])
    let isOn = changes.merging(["use_sliding_window": "true"]) { $1 }
    #expect(
      try model("qwen2", isOn).layers.map(\.attention.mask) == [.causal, .causalWindow(radius: 7)])
  }
}
