import Autodiff
public import Diagnostics
import Files
import JSON
public import ModelFiles
public import Models
import Persistence

/// Writes the adapters of a model and its score head as PEFT does: `adapter_config.json` and
/// `adapter_model.safetensors`, in 32 bits, beside `ltr.json`. PEFT puts the head in place of that of
/// the base (`modules_to_save`), if the family's class in transformers has one.
///
/// - Throws: `cannotCreate` if the folder cannot be made, `io` if writing fails.
public func exportAdapter(
  _ model: CrossEncoder, _ plan: AdapterPlan, notes: ModelNotes, to path: String,
  overwrite: Bool = false
) throws(Failure) {
  let parameters = model.parameters
  var notes = notes
  notes.base = notes.base.map(ModelNotes.short)
  let tensors = parameters.table.entries.filter { !$0.isFixed }
    .map { (name: AdapterConfiguration.prefix + $0.name, parameter: $0.parameter) }
  let places = Dictionary(
    tensors.map { ($0.name, $0.parameter) }, uniquingKeysWith: { first, _ in first })
  try writeFolderAtomically(at: path, overwrite: overwrite) { (folder) throws(Failure) in
    try folder.write(
      AdapterConfiguration.fileName,
      try model.adapterConfiguration(plan).json(isPretty: true) + "\n")
    try writeSafeTensors(
      to: try folder.path(of: AdapterConfiguration.weightsName),
      tensors: tensors.map { ($0.name, $0.parameter.shape.array) }, metadata: ["format": "pt"]
    ) { (name, write) throws(Failure) in
      guard let parameter = places[name] else { return }
      try parameters[parameter].withSpan { (values) throws(Failure) in try write(values) }
    }
    try folder.write(ModelNotes.fileName, try notes.json())
  }
}

extension CrossEncoder {
  /// The contents of `adapter_config.json`.
  fileprivate func adapterConfiguration(_ plan: AdapterPlan) -> JSONValue {
    let ending = "." + Adapter.downName
    let adapted = parameters.table.entries.lazy.map(\.name).filter { $0.hasSuffix(ending) }
      .map { String($0.dropLast(ending.count)) }
    var targets: [String] = []
    var layers: [Int] = []
    for (number, layer) in blueprint.layers.enumerated() {
      let own = adapted.filter { $0.hasPrefix(layer.name) }
      if !own.isEmpty { layers.append(number) }
      for name in own.map(layer.localName(of:)) where !targets.contains(name) {
        targets.append(name)
      }
    }
    let isEverywhere = layers.count == blueprint.layers.count
    // PEFT names a base on the hub by its repository.
    let hub = (try? HubName(plan.base)) ?? nil
    return [
      "peft_type": "LORA", "task_type": .text(taskType), "inference_mode": true,
      "base_model_name_or_path": .text(hub?.repository ?? plan.base),
      "revision": hub?.revision.map { .text($0) } ?? .null, "auto_mapping": nil,
      "r": .whole(plan.rank), "lora_alpha": .number(plan.alpha),
      "lora_dropout": .number(plan.dropout), "use_rslora": .flag(plan.isRankStabilized),
      "use_dora": false, "bias": "none", "fan_in_fan_out": false, "init_lora_weights": true,
      "target_modules": .list(targets.sorted().map { .text($0) }),
      "layers_to_transform": isEverywhere ? .null : .list(layers.map { .whole($0) }),
      "layers_pattern": isEverywhere ? .null : layersPattern,
      "layer_replication": AdapterConfiguration.ranges(of: plan.keptLayers),
      "rank_pattern": [:], "alpha_pattern": [:],
      // A decoder has linear layers of the same names.
      "exclude_modules": blueprint.decoder.map { .text($0.name.replacing(".", with: "\\.") + ".*") }
        ?? .null,
      "modules_to_save": hasClassifier ? .list(headParts.map { .text($0) }) : .null,
    ]
  }

  /// What PEFT takes the family's class in transformers for.
  private var taskType: String {
    if hasClassifier { return "SEQ_CLS" }
    return blueprint.decoder == nil ? "FEATURE_EXTRACTION" : "SEQ_2_SEQ_LM"
  }

  /// Whether the family's class in transformers has the score head.
  private var hasClassifier: Bool {
    architecture.exported.className.hasSuffix("ForSequenceClassification")
  }

  /// The name before the number of a layer, by which PEFT finds the number.
  private var layersPattern: JSONValue {
    let parts = blueprint.layers.first?.name.split(separator: ".").dropLast()
    return parts?.last.map { .text(String($0)) } ?? .null
  }

  /// The modules that hold the score head, each with all that is below it.
  private var headParts: [String] {
    let prefix = blueprint.names.prefix
    var parts: [String] = []
    for module in blueprint.headModules {
      let isInside = !prefix.isEmpty && module.hasPrefix(prefix)
      let rest = isInside ? module.dropFirst(prefix.count) : Substring(module)
      let part = (isInside ? prefix : "") + rest.prefix { $0 != "." }
      if !parts.contains(part) { parts.append(part) }
    }
    return parts
  }
}
