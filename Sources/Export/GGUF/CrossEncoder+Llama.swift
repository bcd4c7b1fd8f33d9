import Diagnostics
public import Models
import Tensors

extension CrossEncoder {
  /// Whether llama.cpp has a graph that computes the model, and a tokenizer that splits its texts.
  public var loadsInLlama: Bool {
    let model = (try? withFamilyHead()) ?? self
    return (try? model.llamaGraph()) != nil && (try? GGUFTokenizer(model)) != nil
  }

  /// llama.cpp's graph for the model.
  ///
  /// - Throws: `badData` with the part of the model that llama.cpp does not compute.
  func llamaGraph() throws(Failure) -> LlamaGraph {
    let remedy = "export it as hf or onnx"
    let family = type(of: architecture).name
    guard let name = architecture.exported.llamaName, let graph = LlamaGraph(rawValue: name) else {
      throw Failure(
        .badData, "models of the family \(family) cannot be exported for llama.cpp",
        at: Place(sidecar.place), remedy: remedy)
    }
    if let part = graph.obstacle(in: blueprint) {
      throw Failure(
        .badData, "llama.cpp's architecture '\(name)' does not support \(part)",
        at: Place(sidecar.place), remedy: remedy)
    }
    if let other = blueprint.activation, !graph.activations.contains(other) {
      throw Failure(
        .badData,
        "llama.cpp computes \(family) with \(graph.activationNames), but this model uses"
          + " \(other.nameInText)",
        at: Place(sidecar.place, key: "hidden_act"), remedy: remedy)
    }
    return graph
  }
}

extension LlamaGraph {
  /// The activations of feed-forward layers that the graph has: `bert` has GELU by its
  /// approximation, whose difference is small, `modern-bert` GELU itself, and `qwen3` SiLU.
  fileprivate var activations: [Activation] {
    switch self {
    case .bert: [.gelu, .geluTanh]
    case .modernBERT: [.gelu, .silu]
    case .qwen3: [.silu]
    }
  }

  /// Their names, for messages.
  fileprivate var activationNames: String {
    switch self {
    case .bert: "GELU"
    case .modernBERT: "GELU or SiLU"
    case .qwen3: "SiLU"
    }
  }
}

extension Activation {
  fileprivate var nameInText: String {
    switch self {
    case .gelu: "GELU"
    case .geluTanh: "GELU by its approximation with tanh"
    case .relu: "ReLU"
    case .silu: "SiLU"
    }
  }
}
