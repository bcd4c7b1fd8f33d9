import Foundation
import Randomness

extension TinyModel {
  /// The same weights as a DeBERTa: its names, neither positions nor token types in the embeddings,
  /// and relative positions with buckets, their norm, and both products with them.
  ///
  /// - Parameters:
  ///   - shared: whether positions are projected like contents.
  ///   - span: half the number of rows of the table of relative positions.
  ///   - convolution: the width of a convolution beside the first layer; 0 for none.
  public func deberta(shared: Bool = true, span: Int = 6, convolution: Int = 0) -> TinyModel {
    var model = self
    model.tensors = [:]
    for (name, tensor) in tensors
    where !name.hasSuffix("token_type_embeddings.weight")
      && !name.hasSuffix("position_embeddings.weight")
    {
      model.tensors[Self.debertaName(name)] = tensor
    }
    var random = SplitMix64(seed: 12)
    func tensor(_ shape: [Int], around middle: Float = 0, _ width: Float = 1) -> Tensor {
      Tensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in
          middle + width * Float(2 * random.uniform() - 1)
        })
    }
    let hidden = Int(configuration?["hidden_size"] ?? "") ?? 0
    let encoder = "deberta.encoder."
    model.tensors[encoder + "rel_embeddings.weight"] = tensor([2 * span, hidden])
    model.tensors[encoder + "LayerNorm.weight"] = tensor([hidden], around: 1, 0.2)
    model.tensors[encoder + "LayerNorm.bias"] = tensor([hidden], 0.2)
    for layer in 0..<(Int(configuration?["num_hidden_layers"] ?? "") ?? 0) where !shared {
      for part in ["pos_key_proj", "pos_query_proj"] {
        let name = "\(encoder)layer.\(layer).attention.self.\(part)"
        model.tensors[name + ".weight"] = tensor([hidden, hidden], 0.4)
        model.tensors[name + ".bias"] = tensor([hidden], 0.2)
      }
    }
    if convolution > 0 {
      model.tensors[encoder + "conv.conv.weight"] = tensor([hidden, hidden, convolution], 0.3)
      model.tensors[encoder + "conv.conv.bias"] = tensor([hidden], 0.2)
      model.tensors[encoder + "conv.LayerNorm.weight"] = tensor([hidden], around: 1, 0.2)
      model.tensors[encoder + "conv.LayerNorm.bias"] = tensor([hidden], 0.2)
      model.configuration?["conv_kernel_size"] = "\(convolution)"
      model.configuration?["conv_act"] = "\"gelu\""
    }
    let keys = [
      "model_type": "\"deberta-v2\"", "type_vocab_size": "0", "position_biased_input": "false",
      "relative_attention": "true", "pos_att_type": "\"p2c|c2p\"", "position_buckets": "\(span)",
      "max_relative_positions": "-1", "share_att_key": "\(shared)",
      "norm_rel_ebd": "\"layer_norm\"", "layer_norm_eps": "1e-07",
    ]
    for (key, value) in keys { model.configuration?[key] = value }
    return model
  }

  /// The name of a BERT's tensor in a DeBERTa.
  private static func debertaName(_ name: String) -> String {
    if name.hasPrefix("bert.pooler.") { return String(name.dropFirst("bert.".count)) }
    guard name.hasPrefix("bert.") else { return name }
    var name = "deberta." + name.dropFirst("bert.".count)
    for part in ["query", "key", "value"] {
      name = name.replacingOccurrences(
        of: "attention.self.\(part).", with: "attention.self.\(part)_proj.")
    }
    return name
  }
}
