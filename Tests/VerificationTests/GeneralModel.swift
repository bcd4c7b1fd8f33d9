import Autodiff
import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Randomness

/// A family of models that is given by its blueprint alone.
struct GeneralArchitecture: Architecture {
  static let modelTypes = ["general"]
  static let name = "General"
  static let examples = "none"
  static let classPrefix = "General"

  let blueprint: Blueprint
  let exported: ExportedFamily

  init(_ blueprint: Blueprint, llamaName: String? = nil) {
    self.blueprint = blueprint
    exported = ExportedFamily(
      members: ["model_type": "general"], className: "GeneralForSequenceClassification",
      llamaName: llamaName)
  }

  init(_ keys: ConfigurationKeys) throws(Failure) {
    throw Failure(.software, "a general model has no configuration")
  }

  static func check(_ keys: ConfigurationKeys) {}
  static func notice(_ keys: ConfigurationKeys) -> String? { nil }
  mutating func replaceDropout(by rate: Float) {}
  mutating func keep(layers: [Int]) {}

  /// A model of this family with random weights, and the tokenizer and files of a tiny model.
  func model(seed: UInt64) throws -> CrossEncoder {
    var table = ParameterTable()
    let layers = CrossEncoderLayers(self, in: &table)
    let parameters = Parameters(table)
    var random = SplitMix64(seed: seed)
    for entry in table.entries {
      // Norms around 1, and everything so large that each part shows in the scores.
      let center: Float = entry.name.hasSuffix("norm.weight") ? 1 : 0
      parameters.withMutableValues(of: entry.parameter) { values in
        for i in values.indices { values[i] = center + 0.3 * Float(2 * random.uniform() - 1) }
      }
    }
    let tiny = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    return CrossEncoder(layers, parameters, tokenizer: tiny.tokenizer, sidecar: tiny.sidecar)
  }
}
