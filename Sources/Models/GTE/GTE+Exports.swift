import JSON
import Tensors

extension GTE {
  /// The repository of the published code, which transformers below version 5 downloads.
  private static let code = "Alibaba-NLP/new-impl"

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    let sharesDropout = classifierDropout == hiddenDropout
    var members = members(
      of: "new",
      [
        "auto_map": Self.classes,
        "type_vocab_size": .whole(tokenTypes),
        "classifier_dropout": sharesDropout ? .null : .decimal(classifierDropout),
        "layer_norm_type": normKind == .layer ? "layer_norm" : "rms_norm",
        "pack_qkv": .flag(joinsProjections),
        "position_embedding_type": "absolute",
        "rope_scaling": .null,
        "logn_attention_scale": .flag(lengthScaling != nil),
        "logn_attention_clip1": .flag(lengthScaling?.isCapped == true),
        "unpad_inputs": false,
        "use_memory_efficient_attention": false,
      ])
    if case .rotary(let base, let scaling) = positions {
      members["position_embedding_type"] = "rope"
      members["rope_theta"] = .number(base)
      if case .ntk(let factor, let mix) = scaling {
        var section: [String: JSONValue] = ["type": "ntk", "factor": .number(factor)]
        section["mixed_b"] = mix.map { .number($0) }
        members["rope_scaling"] = .object(section)
      }
    }
    return ExportedFamily(
      members: members, className: "NewForSequenceClassification", llamaName: nil,
      servers: servers, loading: Self.loading)
  }

  /// What transformers takes from the published code.
  private static var classes: JSONValue {
    var classes: [String: JSONValue] = [
      "AutoConfig": .text("\(code)--configuration.\(classPrefix)Config"),
      "AutoModel": .text("\(code)--modeling.\(classPrefix)Model"),
    ]
    for task in ["MaskedLM", "SequenceClassification"] {
      classes["AutoModelFor" + task] = .text("\(code)--modeling.\(classPrefix)For\(task)")
    }
    return .object(classes)
  }

  /// The servers' own implementations have rotary positions, LayerNorm, GELU and joined projections
  /// only, and no scaling by length; one has no mix of scaled and unscaled frequencies.
  private var servers: Set<ModelServer> {
    guard case .rotary(_, let scaling) = positions, normKind == .layer, joinsProjections,
      activation == .gelu, lengthScaling == nil
    else { return [] }
    if case .ntk(_, .some) = scaling { return [.vLLM] }
    return [.textEmbeddingsInference, .vLLM]
  }

  private static let loading = ExportedFamily.Loading(
    trustsCode: true,
    vLLMOptions: " --trust-remote-code --hf-overrides"
      + #" '{"architectures": ["GteNewForSequenceClassification"]}'"#)
}

extension GTE: BERTKeyed {
  var positionRows: Int { maximumPositions }
  var layerNormEpsilon: Float { normEpsilon }
}
