import Models

/// Small decoders of every family, by their keys.
enum DecoderModels {
  private static let families:
    [(keys: String, make: @Sendable (ConfigurationKeys) throws -> any Architecture)] =
      [
        (#""head_dim": 6, "rope_theta": 900"#, { try Qwen3($0) }),
        (
          #""use_sliding_window": true, "sliding_window": 4, "max_window_layers": 1,"#
            + #""rope_scaling": {"type": "linear", "factor": 3.0}"#, { try Qwen2($0) }
        ),
        (
          #""attention_bias": true, "mlp_bias": true, "rope_scaling": {"rope_type": "yarn","#
            + #""factor": 4.0, "original_max_position_embeddings": 8, "beta_fast": 3.0}"#,
          { try Llama($0) }
        ),
        (#""rope_theta": 50"#, { try LlamaBidirectional($0) }),
        (#""head_dim": 8"#, { try Gemma($0) }),
        (
          #""head_dim": 6, "sliding_window": 3, "attn_logit_softcapping": 1.5,"#
            + #""query_pre_attn_scalar": 5"#, { try Gemma2($0) }
        ),
        (
          #""head_dim": 4, "sliding_window": 3, "sliding_window_pattern": 2,"#
            + #""rope_local_base_freq": 30, "query_pre_attn_scalar": 3"#, { try Gemma3($0) }
        ),
      ]

  /// Models of two layers, with 16 positions unless said otherwise.
  static func all(vocabularySize: Int, positions: Int = 16) -> [any Architecture] {
    families.compactMap { family in
      let json = """
        {"vocab_size": \(vocabularySize), "hidden_size": 24, "num_hidden_layers": 2,
         "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 20,
         "max_position_embeddings": \(positions), "attention_dropout": 0.1, "rms_norm_eps": 1e-3,
         \(family.keys)}
        """
      return try? family.make(ConfigurationKeys(Array(json.utf8), name: "config.json"))
    }
  }
}
