import Randomness

extension TinyModel {
  /// The same vocabulary with the random weights of a T5 of two layers and a decoder of one, or of an
  /// encoder alone. The width of heads does not follow from the other sizes. `output` are the tensors
  /// of the score: `score`, or an output layer of the language model.
  public func t5(
    decoder: Bool = true, gated: Bool = false, output: [String] = ["score.weight"]
  ) -> TinyModel {
    let (width, heads, columns, inner, buckets) = (24, 3, 10, 20, 8)
    let tokens = vocabulary?.count ?? 0
    var model = self
    model.configuration = [
      "model_type": "\"t5\"", "vocab_size": "\(tokens)", "d_model": "\(width)",
      "d_kv": "\(columns)", "d_ff": "\(inner)", "num_layers": "2", "num_decoder_layers": "1",
      "num_heads": "\(heads)", "relative_attention_num_buckets": "\(buckets)",
      "relative_attention_max_distance": "20", "n_positions": "42", "decoder_start_token_id": "0",
      "pad_token_id": "0", "is_encoder_decoder": "\(decoder)",
      "feed_forward_proj": gated ? "\"gated-gelu\"" : "\"relu\"",
    ]
    model.tensors = [:]
    var random = SplitMix64(seed: 17)
    func add(_ name: String, _ shape: [Int], around center: Float = 0) {
      let values = (0..<shape.reduce(1, *)).map { _ in
        center + 0.3 * Float(2 * random.uniform() - 1)
      }
      model.tensors[name + ".weight"] = Tensor(shape: shape, values: values)
    }
    func attention(_ name: String) {
      for part in ["q", "k", "v"] { add("\(name).\(part)", [heads * columns, width]) }
      add(name + ".o", [width, heads * columns])
    }
    func feedForward(_ name: String) {
      for part in gated ? ["wi_0", "wi_1"] : ["wi"] {
        add("\(name).DenseReluDense.\(part)", [inner, width])
      }
      add(name + ".DenseReluDense.wo", [width, inner])
    }
    func stack(_ name: String, _ layers: Int, sublayers: Int) {
      for layer in 0..<layers {
        let block = "\(name).block.\(layer).layer."
        attention(block + "0.SelfAttention")
        if layer == 0 {
          add(block + "0.SelfAttention.relative_attention_bias", [buckets, heads])
        }
        if sublayers == 3 { attention(block + "1.EncDecAttention") }
        feedForward(block + "\(sublayers - 1)")
        for part in 0..<sublayers { add("\(block)\(part).layer_norm", [width], around: 1) }
      }
      add(name + ".final_layer_norm", [width], around: 1)
    }
    add("shared", [tokens, width])
    stack("encoder", 2, sublayers: 2)
    if decoder { stack("decoder", 1, sublayers: 3) }
    for name in output {
      let module = String(name.dropLast(".weight".count))
      add(module, [name.hasPrefix("lm_head") ? tokens : 1, width])
    }
    if !decoder { model.tensors["classifier.bias"] = Tensor(shape: [1], values: [0.25]) }
    return model
  }
}
