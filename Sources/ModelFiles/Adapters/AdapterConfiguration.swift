import Autodiff
package import Diagnostics
package import JSON
package import Models

/// The settings of an adapter: `adapter_config.json`, as PEFT writes and reads it.
package struct AdapterConfiguration: Sendable, Equatable {
  /// The name of the file.
  package static let fileName = "adapter_config.json"
  /// The name of the file beside it that has the values.
  package static let weightsName = "adapter_model.safetensors"
  /// What stands in front of a parameter's name there.
  package static let prefix = "base_model.model."

  /// The base model, a path; nil if the file names none.
  package var base: String?
  /// The revision of a base on the hub; nil if the file names none.
  package var revision: String?
  /// The SHA-256 of the base's values, which checkpoints have.
  package var baseDigest: String?
  /// The number of rows of A.
  package var rank: Int
  /// The factor of B · A is alpha / rank.
  package var alpha: Double
  /// Whether the factor is alpha / √rank instead.
  package var isRankStabilized: Bool

  /// The layers of the base that the adapted model has, ascending; nil for all.
  package var layers: [Int]?

  /// The settings of a plan.
  package init(_ plan: AdapterPlan, baseDigest: String? = nil) {
    (base, rank, alpha) = (plan.base, plan.rank, plan.alpha)
    isRankStabilized = plan.isRankStabilized
    layers = plan.keptLayers
    self.baseDigest = baseDigest
  }

  /// The factor of a product B · A of so many columns of B.
  package func scale(rank: Int) -> Float {
    Adapter.scale(alpha: alpha, rank: rank, isRankStabilized: isRankStabilized)
  }

  /// Reads the bytes of a file; `name` is its name in failures.
  ///
  /// - Throws: `badData` for a value of the wrong type, and for adapters that are computed in another
  ///   way.
  package init(json: [UInt8], name: String) throws(Failure) {
    let value = try JSONValue(json, name: name)
    func wrong(_ key: String, _ expected: String) -> Failure {
      Failure(
        .badData, "invalid value of '\(key)'", at: Place(name, key: key), expected: expected)
    }
    guard value.members != nil else {
      throw Failure(.badData, "this is not a JSON object", at: Place(name))
    }
    try Self.checkSupport(value, name)
    guard case .whole(let rank)? = value["r"], rank > 0 else {
      throw wrong("r", "the rank, an integer above 0")
    }
    let alpha = value["lora_alpha"] ?? 8
    guard let alpha = alpha.double, alpha.magnitude <= 1e6 else {
      throw wrong("lora_alpha", "a number from -1000000 to 1000000")
    }
    (self.rank, self.alpha) = (rank, alpha)
    isRankStabilized = value["use_rslora"] == .flag(true)
    if let found = value["base_model_name_or_path"] {
      guard case .text(let base) = found else {
        throw wrong("base_model_name_or_path", "the path of the base model")
      }
      self.base = base
    }
    if case .text(let text)? = value["revision"] { revision = text }
    if case .text(let digest)? = value["base_sha256"] { baseDigest = digest }
    layers = try Self.layers(value[Self.layersKey], name)
  }

  /// Rejects what changes the computation of adapters.
  private static func checkSupport(_ value: JSONValue, _ name: String) throws(Failure) {
    func unsupported(_ key: String, _ what: String) -> Failure {
      Failure(
        .badData, "\(what) is not supported", at: Place(name, key: key),
        expected: "adapters of LoRA: \"peft_type\": \"LORA\", with nothing but A and B",
        remedy: "merge the adapter with PEFT (merge_and_unload), and use the model that it saves")
    }
    guard case .text(let type)? = value["peft_type"] else {
      throw Failure(
        .badData, "'peft_type' is missing", at: Place(name, key: "peft_type"),
        expected: "\"LORA\"", remedy: "save the adapter again with PEFT")
    }
    guard type == "LORA" else { throw unsupported("peft_type", "an adapter of type '\(type)'") }
    for (key, what) in [
      ("use_dora", "DoRA"), ("fan_in_fan_out", "a transposed weight (fan_in_fan_out)"),
      ("lora_bias", "a bias of B (lora_bias)"), ("use_qalora", "QALoRA"),
    ] where value[key] == .flag(true) {
      throw unsupported(key, what)
    }
    if case .text(let bias)? = value["bias"], bias != "none" {
      throw unsupported("bias", "training of biases ('\(bias)')")
    }
    if case .text(let initial)? = value["init_lora_weights"],
      ["pissa", "olora", "corda", "loftq", "lora_ga"].contains(where: initial.hasPrefix)
    {
      throw unsupported("init_lora_weights", "'\(initial)', which changes the base's weights,")
    }
    for key in [
      "alpha_pattern", "trainable_token_indices", "target_parameters",
      "arrow_config", "alora_invocation_tokens",
    ] {
      switch value[key] {
      case nil, .list([])?, .object([:])?: break
      default: throw unsupported(key, "'\(key)'")
      }
    }
  }

  /// The key by which PEFT builds a model of ranges of its base's layers.
  private static let layersKey = "layer_replication"

  /// The layers of the base that PEFT's ranges name; nil for all. Each range ends before its second
  /// number.
  ///
  /// - Throws: `badData` where a layer is repeated or has another place than in the base.
  private static func layers(
    _ value: JSONValue?, _ name: String
  ) throws(Failure) -> [Int]? {
    guard case .list(let ranges)? = value, !ranges.isEmpty else { return nil }
    var layers: [Int] = []
    for range in ranges {
      guard case .list(let ends) = range, ends.count == 2, case .whole(let first) = ends[0],
        case .whole(let end) = ends[1], first > layers.last ?? -1, end > first, end <= 1000
      else {
        throw Failure(
          .badData, "repeated or reordered layers (\(layersKey)) are not supported",
          at: Place(name, key: layersKey),
          expected: "ascending ranges of layers, as in [[0, 1], [2, 4]]",
          remedy:
            "merge the adapter with PEFT (merge_and_unload), and use the model that it saves")
      }
      layers += first..<end
    }
    return layers
  }

  /// Layers as PEFT writes them; null for all.
  package static func ranges(of layers: [Int]?) -> JSONValue {
    guard let layers else { return .null }
    var ranges: [Range<Int>] = []
    for layer in layers {
      if let last = ranges.last, last.upperBound == layer {
        ranges[ranges.count - 1] = last.lowerBound..<layer + 1
      } else {
        ranges.append(layer..<layer + 1)
      }
    }
    return .list(ranges.map { [.whole($0.lowerBound), .whole($0.upperBound)] })
  }

  /// The file that a checkpoint holds.
  package func json() throws(Failure) -> String {
    var members: [String: JSONValue] = [
      "peft_type": "LORA", "r": .whole(rank), "lora_alpha": .number(alpha),
      "use_rslora": .flag(isRankStabilized),
    ]
    members["base_model_name_or_path"] = base.map { .text($0) }
    if layers != nil { members[Self.layersKey] = Self.ranges(of: layers) }
    members["base_sha256"] = baseDigest.map { .text($0) }
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }
}
