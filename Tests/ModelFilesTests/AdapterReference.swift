import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Persistence
import TestSupport

/// A base model and an adapter of the fixture, as files that transformers and PEFT write.
struct AdapterReference: Decodable, ReferenceSequences {
  var name: String
  var config: [String: AnyJSON]
  var shapes: [String: [Int]]
  var sequences: [[Int32]]
  var types: [[Int32]]
  var adapter: [String: AnyJSON]
  var tensors: [String: [Int]]
  var logits: [Double]
  var gradients: [String: [Double]]
  var steps: [String: [Double]]
  var stepped: [Double]
  var weights: WeightScale

  static var all: [AdapterReference] {
    get throws {
      let file = Material.package.appending(path: "Tests/ModelFilesTests/Fixtures/adapters.json")
      return try JSONDecoder().decode([AdapterReference].self, from: Data(contentsOf: file))
    }
  }

  /// The name of a parameter of the model as PEFT saves it.
  static func saved(_ name: String) -> String { "base_model.model." + name }

  /// The base.
  var base: TinyModel { TinyModel(config, shapes, weights) }

  /// The values of the adapter's tensors.
  var values: [String: TinyModel.Tensor] {
    var numbers = Numbers()
    numbers.scale = weights
    var values: [String: TinyModel.Tensor] = [:]
    for (name, shape) in tensors.sorted(by: { $0.key < $1.key }) {
      values[name] = numbers.tensor(name, shape)
    }
    return values
  }

  /// Writes base and adapter, perhaps changed, and returns the adapter's folder.
  func written(
    base: String? = nil, settings: [String: String] = [:],
    changing change: (inout [String: TinyModel.Tensor]) -> Void = { _ in }
  ) throws -> String {
    let base = try base ?? self.base.written()
    let folder = try Material.temporaryFolder()
    var members = adapter.mapValues(\.text)
    members["base_model_name_or_path"] = "\"\(base)\""
    members.merge(settings) { $1 }
    let lines = members.sorted { $0.key < $1.key }.map { "  \"\($0.key)\": \($0.value)" }
    try Data("{\n\(lines.joined(separator: ",\n"))\n}\n".utf8)
      .write(to: folder.appending(path: "adapter_config.json"))
    var tensors = values
    change(&tensors)
    try writeSafeTensors(
      to: folder.appending(path: "adapter_model.safetensors").path(percentEncoded: false),
      tensors: tensors.map { ($0.key, $0.value.shape) }, metadata: ["format": "pt"]
    ) { (name, write) throws(Failure) in
      let values = tensors[name]?.values ?? []
      try write(values.span)
    }
    return folder.path(percentEncoded: false)
  }

  /// The settings of the adapter as a plan.
  var plan: AdapterPlan {
    var plan = AdapterPlan()
    (plan.rank, plan.alpha) = (3, 5)
    plan.isRankStabilized = adapter["use_rslora"]?.text == "true"
    func list(_ key: String) -> [String] {
      (adapter[key]?.text ?? "").split { "[], \"".contains($0) }.map(String.init)
    }
    plan.targets = list("target_modules")
    let layers = list("layers_to_transform").compactMap { Int($0) }
    plan.layers = layers.isEmpty ? nil : Set(layers)
    return plan
  }

  /// The adapter and its base, to train.
  func adapted() throws -> CrossEncoder {
    try CrossEncoder(
      ModelSource(written()), seed: 1, adapting: plan, at: { .init("recipe", key: $0) })
  }
}
