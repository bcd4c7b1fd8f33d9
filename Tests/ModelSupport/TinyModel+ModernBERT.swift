import Foundation
import Randomness

extension TinyModel {
  /// A ModernBERT of a few thousand random weights with keys as transformers 4 wrote them: every second
  /// layer global, a window of 8 tokens.
  ///
  /// - Parameters:
  ///   - biases: whether every part has biases.
  ///   - head: whether there is a score head.
  public static func modernBERT(
    width: Int = 24, layers: Int = 4, heads: Int = 3, inner: Int = 20, positions: Int = 64,
    biases: Bool = false, head: Bool = true, seed: UInt64 = 1
  ) -> TinyModel {
    var model = TinyModel()
    let words = model.vocabulary?.count ?? 0
    model.configuration = [
      "model_type": "\"modernbert\"", "vocab_size": "\(words)", "hidden_size": "\(width)",
      "num_hidden_layers": "\(layers)", "num_attention_heads": "\(heads)",
      "intermediate_size": "\(inner)", "max_position_embeddings": "\(positions)",
      "hidden_activation": "\"gelu\"", "local_attention": "8", "global_attn_every_n_layers": "2",
      "global_rope_theta": "1000.0", "local_rope_theta": "50.0", "pad_token_id": "0",
      "attention_bias": "\(biases)", "mlp_bias": "\(biases)", "norm_bias": "\(biases)",
      "classifier_bias": "\(biases)", "classifier_pooling": "\"cls\"", "num_labels": "1",
    ]
    model.tensors = [:]
    var random = SplitMix64(seed: seed)
    func add(_ name: String, _ shape: [Int], around center: Float = 0) {
      let values = (0..<shape.reduce(1, *)).map { _ in
        center + 0.3 * Float(2 * random.uniform() - 1)
      }
      model.tensors[name] = Tensor(shape: shape, values: values)
    }
    func linear(_ name: String, _ from: Int, _ to: Int, hasBias: Bool? = nil) {
      add(name + ".weight", [to, from])
      if hasBias ?? biases { add(name + ".bias", [to]) }
    }
    func norm(_ name: String) {
      add(name + ".weight", [width], around: 1)
      if biases { add(name + ".bias", [width]) }
    }
    add("model.embeddings.tok_embeddings.weight", [words, width])
    norm("model.embeddings.norm")
    for layer in 0..<layers {
      let name = "model.layers.\(layer)."
      if layer > 0 { norm(name + "attn_norm") }
      linear(name + "attn.Wqkv", width, 3 * width)
      linear(name + "attn.Wo", width, width)
      norm(name + "mlp_norm")
      linear(name + "mlp.Wi", width, 2 * inner)
      linear(name + "mlp.Wo", inner, width)
    }
    norm("model.final_norm")
    if head {
      linear("head.dense", width, width)
      norm("head.norm")
      linear("classifier", width, 1, hasBias: true)
    }
    return model
  }

  /// The same weights as an ELECTRA: its names, its head, and of every table of the embeddings and their
  /// norm the first `columns`, with a projection behind them.
  public func electra(columns: Int) -> TinyModel {
    var model = renamed([
      ("bert.pooler.dense", "classifier.dense"), ("bert.", "electra."),
      ("classifier.", "classifier.out_proj."),
    ])
    model.configuration?["model_type"] = "\"electra\""
    model.configuration?["embedding_size"] = "\(columns)"
    let width = model.tensors["electra.embeddings.LayerNorm.bias"]?.shape[0] ?? 0
    for (name, tensor) in model.tensors where name.hasPrefix("electra.embeddings.") {
      let rows = tensor.values.count / width
      model.tensors[name] = Tensor(
        shape: tensor.shape.dropLast() + [columns],
        values: (0..<rows).flatMap { tensor.values[$0 * width..<$0 * width + columns] })
    }
    var random = SplitMix64(seed: 9)
    func values(_ count: Int) -> [Float] {
      (0..<count).map { _ in 0.3 * Float(2 * random.uniform() - 1) }
    }
    model.tensors["electra.embeddings_project.weight"] = Tensor(
      shape: [width, columns], values: values(width * columns))
    model.tensors["electra.embeddings_project.bias"] = Tensor(shape: [width], values: values(width))
    return model
  }

  /// The same weights as a DistilBERT: its keys, its names and its head, and no token types.
  public func distilBERT() -> TinyModel {
    var model = renamed([
      ("bert.pooler.dense", "pre_classifier"), ("bert.encoder.", "distilbert.transformer."),
      ("bert.", "distilbert."),
    ])
    model.tensors["distilbert.embeddings.token_type_embeddings.weight"] = nil
    for (name, tensor) in model.tensors {
      for (old, new) in [
        ("attention.self.query", "attention.q_lin"), ("attention.self.key", "attention.k_lin"),
        ("attention.self.value", "attention.v_lin"),
        ("attention.output.dense", "attention.out_lin"),
        ("attention.output.LayerNorm", "sa_layer_norm"), ("intermediate.dense", "ffn.lin1"),
        ("output.dense", "ffn.lin2"), ("output.LayerNorm", "output_layer_norm"),
      ] where name.contains(".layer.") {
        guard let place = name.firstRange(of: old) else { continue }
        model.tensors[name] = nil
        model.tensors[name.replacingCharacters(in: place, with: new)] = tensor
        break
      }
    }
    let own = configuration ?? [:]
    model.configuration = [
      "model_type": "\"distilbert\"", "dim": own["hidden_size"] ?? "",
      "n_layers": own["num_hidden_layers"] ?? "", "n_heads": own["num_attention_heads"] ?? "",
      "hidden_dim": own["intermediate_size"] ?? "", "activation": own["hidden_act"] ?? "",
      "dropout": own["hidden_dropout_prob"] ?? "", "num_labels": "1",
    ]
    for key in ["vocab_size", "max_position_embeddings", "initializer_range"] {
      model.configuration?[key] = own[key]
    }
    return model
  }

  /// Tensors whose names begin with one of the old texts, with the new one in its place.
  private func renamed(_ beginnings: [(old: String, new: String)]) -> TinyModel {
    var model = self
    model.tensors = [:]
    for (name, tensor) in tensors {
      let found = beginnings.first { name.hasPrefix($0.old) }
      model.tensors[found.map { $0.new + name.dropFirst($0.old.count) } ?? name] = tensor
    }
    return model
  }
}
