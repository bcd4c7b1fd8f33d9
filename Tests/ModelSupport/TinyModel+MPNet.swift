import Foundation
import Randomness

extension TinyModel {
  /// The same weights as an MPNet: its names, its head, no token types, and a table of biases by
  /// distance. Positions begin after the first two rows, so that two fewer can be used.
  public func mpnet() -> TinyModel {
    var model = self
    model.tensors = [:]
    for (name, tensor) in tensors where !name.hasSuffix("token_type_embeddings.weight") {
      model.tensors[Self.mpnetName(name)] = tensor
    }
    var random = SplitMix64(seed: 11)
    let heads = Int(configuration?["num_attention_heads"] ?? "") ?? 0
    model.tensors["mpnet.encoder.relative_attention_bias.weight"] = Tensor(
      shape: [32, heads],
      values: (0..<32 * heads).map { _ in 2 * Float(2 * random.uniform() - 1) })
    model.configuration?["model_type"] = "\"mpnet\""
    model.configuration?["type_vocab_size"] = nil
    model.configuration?["layer_norm_eps"] = "1e-05"
    model.configuration?["pad_token_id"] = "1"
    model.configuration?["relative_attention_num_buckets"] = "32"
    return model
  }

  /// The name of a BERT's tensor in an MPNet.
  private static func mpnetName(_ name: String) -> String {
    var name = name
    for (old, new) in [
      ("bert.pooler.dense", "classifier.dense"), ("bert.", "mpnet."),
      ("classifier.", "classifier.out_proj."),
    ] where name.hasPrefix(old) {
      name = new + name.dropFirst(old.count)
      break
    }
    for (old, new) in [
      ("attention.self.query", "attention.attn.q"), ("attention.self.key", "attention.attn.k"),
      ("attention.self.value", "attention.attn.v"),
      ("attention.output.dense", "attention.attn.o"),
      ("attention.output.LayerNorm", "attention.LayerNorm"),
    ] {
      if let place = name.firstRange(of: old) {
        return name.replacingCharacters(in: place, with: new)
      }
    }
    return name
  }
}
