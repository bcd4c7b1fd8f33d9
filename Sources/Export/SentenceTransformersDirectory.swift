import Autodiff
import Diagnostics
import Files
import JSON
import ModelFiles
import Models

extension ExportFormat {
  /// A directory of sentence-transformers 5.4 and later: a bare encoder, and the score head as
  /// modules with files of their own.
  public static let sentenceTransformers = ExportFormat(
    name: "sentence-transformers",
    meaning: "modules of sentence-transformers 5.4 and later: encoder, pooling, layers of the head",
    contents: .huggingFace, limits: { $0.roundingLimits + $0.transformersLimits }
  ) { (request, folder) throws(Failure) in
    let modules = try request.headModules()
    try request.writeSidecar(
      to: folder, isBare: true,
      encoder: [
        "transformer_task": "feature-extraction",
        "modality_config": [
          "text": ["method": "forward", "method_output_name": "last_hidden_state"]
        ], "module_output_name": "token_embeddings",
      ])
    try request.writeEncoder(to: try folder.path(of: "model.safetensors"))
    var list: [JSONValue] = [
      Module.member(0, path: "", "base.modules.transformer.Transformer")
    ]
    for (number, module) in modules.enumerated() {
      list.append(Module.member(number + 1, path: module.path, module.type))
      let own = try folder.subfolder(module.path)
      try own.write("config.json", try module.configuration.json(isPretty: true) + "\n")
      if !module.tensors.isEmpty {
        try request.writeTensors(
          module.tensors, zeros: module.zeros, to: try own.path(of: "model.safetensors"))
      }
    }
    try folder.write("modules.json", try JSONValue.list(list).json(isPretty: true) + "\n")
    try folder.write(
      "config_sentence_transformers.json", try request.settings.json(isPretty: true) + "\n")
  }
}

/// One module after the encoder.
private struct Module {
  /// The folder.
  let path: String
  /// The class, below the package sentence_transformers.
  let type: String
  let configuration: JSONValue
  var tensors: [(name: String, parameter: Parameter)] = []
  /// A tensor of zeros that the module has and the model has not.
  var zeros: (name: String, count: Int)?

  static func member(_ number: Int, path: String, _ type: String) -> JSONValue {
    [
      "idx": .whole(number), "name": .text("\(number)"), "path": .text(path),
      "type": .text("sentence_transformers." + type),
    ]
  }
}

extension ExportRequest {
  /// `config_sentence_transformers.json`.
  fileprivate var settings: JSONValue {
    [
      // The first version that reads rerankers of several modules.
      "__version__": ["sentence_transformers": "5.4.0"], "model_type": "CrossEncoder",
      "activation_fn": HuggingFaceConfiguration.activation(notes), "prompts": [:],
      "default_prompt_name": .null,
    ]
  }

  /// Writes the encoder's weights under the names of a bare encoder.
  fileprivate func writeEncoder(to path: String) throws(Failure) {
    let blueprint = model.blueprint
    let prefix = blueprint.names.prefix
    let encoder = model.parameters.table.entries.filter { entry in
      !blueprint.headModules.contains { entry.name.hasPrefix($0 + ".") }
    }
    try writeTensors(
      encoder.map { entry in
        let isOwn = entry.name.hasPrefix(prefix)
        return (isOwn ? String(entry.name.dropFirst(prefix.count)) : entry.name, entry.parameter)
      }, to: path)
  }

  /// The modules of the model's head, whether it was stored as such or is its family's classifier.
  ///
  /// - Throws: `badData` for a part of the head that no module computes.
  fileprivate func headModules() throws(Failure) -> [Module] {
    let blueprint = model.blueprint
    guard blueprint.decoder == nil else {
      throw Failure(
        .badData, "sentence-transformers has no module for a decoder behind the encoder",
        at: Place(model.sidecar.place), expected: "an encoder",
        remedy: "export it as hf or onnx")
    }
    var width = blueprint.hiddenSize
    var modules = [
      Module(
        path: "1_Pooling", type: "sentence_transformer.modules.pooling.Pooling",
        configuration: [
          "embedding_dimension": .whole(width), "include_prompt": true,
          "pooling_mode": .text(blueprint.pooling.moduleName),
        ])
    ]
    let steps = blueprint.head.filter { $0 != .dropout }
    var place = 0
    while place < steps.count {
      let number = modules.count + 1
      switch steps[place] {
      case .dense(let dense):
        let next = place + 1 < steps.count ? steps[place + 1] : nil
        let function = next.flatMap(HeadModule.Function.init)
        let isScore = place == steps.count - 1
        modules.append(
          try module(dense, function ?? .none, number, isScore: isScore))
        width = dense.outputs
        if function != nil { place += 1 }
      case .norm(let norm): modules.append(try module(norm, width, number))
      case let step: throw inexpressible("\(step.summary) without a dense layer before it")
      }
      place += 1
    }
    return modules
  }

  private func module(
    _ dense: DenseBlueprint, _ function: HeadModule.Function, _ number: Int, isScore: Bool
  ) throws(Failure) -> Module {
    guard let name = HeadModule.functions.first(where: { $0.function == function })?.name else {
      let words = if case .activation(let kind) = function { kind.rawValue } else { "\(function)" }
      throw inexpressible("the activation '\(words)'")
    }
    return Module(
      path: "\(number)_Dense", type: "base.modules.dense.Dense",
      configuration: [
        "in_features": .whole(dense.inputs), "out_features": .whole(dense.outputs),
        "bias": .flag(dense.hasBias), "activation_function": .text(name),
        "module_input_name": .text(HeadModule.row),
        "module_output_name": .text(isScore ? HeadModule.scores : HeadModule.row),
      ], tensors: tensors(of: dense.name, as: "linear"))
  }

  private func module(
    _ norm: NormBlueprint, _ width: Int, _ number: Int
  ) throws(Failure) -> Module {
    guard norm.kind == .layer, norm.epsilon == HeadModule.normEpsilon else {
      throw inexpressible("a norm of the kind \(norm.kind.rawValue) with epsilon \(norm.epsilon)")
    }
    return Module(
      path: "\(number)_LayerNorm", type: "sentence_transformer.modules.layer_norm.LayerNorm",
      configuration: ["dimension": .whole(width)], tensors: tensors(of: norm.name, as: "norm"),
      zeros: norm.hasBias ? nil : ("norm.bias", width))
  }

  /// The weight and the bias of a layer, under another name.
  private func tensors(
    of layer: String, as name: String
  ) -> [(name: String, parameter: Parameter)] {
    [".weight", ".bias"].compactMap { ending in
      model.parameters.table[layer + ending].map { (name + ending, $0) }
    }
  }

  private func inexpressible(_ part: String) -> Failure {
    Failure(
      .badData, "sentence-transformers has no module for a part of the head: \(part)",
      at: Place(model.sidecar.place),
      expected:
        "dense layers with GELU, ReLU, SiLU, tanh or nothing, and LayerNorm of epsilon 1e-5",
      remedy: "export it as hf, which sentence-transformers loads as well")
  }
}

extension HeadModule.Function {
  /// The function of a step; nil if it is a layer.
  fileprivate init?(_ step: HeadStep) {
    switch step {
    case .tanh: self = .tanh
    case .activation(let activation): self = .activation(activation)
    case .dense, .norm, .dropout: return nil
    }
  }
}

extension SequencePooling {
  /// The name in the configuration of a pooling module.
  fileprivate var moduleName: String {
    switch self {
    case .first: "cls"
    case .last: "lasttoken"
    case .mean: "mean"
    case .max: "max"
    }
  }
}
