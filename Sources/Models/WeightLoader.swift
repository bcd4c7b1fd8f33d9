import Foundation
import Autodiff
import Diagnostics
import Persistence
import Randomness
import Tensors

/// Puts the tensors of a safetensors file where a model's parameters are.
struct WeightLoader {
  let file: SafeTensors
  let name: String
  let parameters: Parameters

  /// The prefix that files of bare encoders leave out.
  private static let prefix = "bert."

  /// Tensors of pretraining checkpoints that no ranker uses.
  private static func isIgnored(_ tensor: String) -> Bool {
    tensor.hasSuffix("position_ids") || tensor.hasPrefix("cls.")
  }

  func load(fresh: [String], deviation: Float, seed: UInt64) throws(Failure) -> [String] {
    var notices: [String] = []
    var used: Set<String> = []
    var missing: [String] = []
    var random = GaussianSource(seed: seed)
    for entry in parameters.table.entries {
      let values = parameters[entry.parameter]
      if let tensor = tensor(for: entry.name) {
        used.insert(tensor)
        try read(tensor, into: values, shape: entry.parameter.shape)
      } else if fresh.contains(where: { entry.name.hasPrefix($0 + ".") }) {
        missing.append(entry.name)
        if entry.decays { random.fill(values, deviation: deviation) } else { values.fill(0) }
      } else {
        throw Failure(
          .badData, "the tensor '\(entry.name)' is missing", at: Place(name),
          expected: "shape \(entry.parameter.shape), as config.json says")
      }
    }
    let extra = file.tensors.map(\.name).filter { !used.contains($0) }
    if let unknown = extra.first(where: { !Self.isIgnored($0) && !isOtherHead($0) }) {
      throw Failure(
        .badData, "the tensor '\(unknown)' is not part of this model",
        at: Place(name, key: unknown), expected: "the tensors that config.json describes",
        remedy: "check num_hidden_layers and model_type in config.json")
    }
    let ignored = extra.filter { $0.hasPrefix("cls.") }
    if !ignored.isEmpty {
      notices.append("\(ignored.count) tensors of a pretraining head (cls.*) are not used")
    }
    if !missing.isEmpty {
      notices.append(
        "fresh weights, drawn with seed \(seed): \(missing.joined(separator: ", "))")
    }
    return notices
  }

  private func tensor(for parameter: String) -> String? {
    if file[parameter] != nil { return parameter }
    guard parameter.hasPrefix(Self.prefix) else { return nil }
    let bare = String(parameter.dropFirst(Self.prefix.count))
    return file[bare] != nil ? bare : nil
  }

  /// A score head in a file from which only the encoder is taken.
  private func isOtherHead(_ tensor: String) -> Bool {
    guard parameters.table[ScoreHead.classifierName + ".weight"] == nil else { return false }
    let heads = ["pooler.", ScoreHead.poolerName + ".", ScoreHead.classifierName + "."]
    return heads.contains { tensor.hasPrefix($0) }
  }

  private func read(_ tensor: String, into values: Floats, shape: Shape) throws(Failure) {
    let found = file[tensor]?.shape ?? []
    guard found == shape.array else {
      throw Failure(
        .badData, "the tensor '\(tensor)' has shape \(found)", at: Place(name, key: tensor),
        expected: "\(shape), as config.json says")
    }
    try values.withMutableSpan { (span) throws(Failure) in
      try file.copy(tensor, into: &span, finite: true)
    }
  }
}

/// Normally distributed numbers from a seed: SplitMix64 and the Box–Muller transform.
struct GaussianSource {
  private var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func fill(_ values: Floats, deviation: Float) {
    for i in 0..<values.count { values[i] = deviation * Float(next()) }
  }

  private mutating func next() -> Double {
    // The first number must not be zero: its logarithm is taken.
    let radius = (-2 * log(1 - generator.uniform())).squareRoot()
    return radius * cos(2 * Double.pi * generator.uniform())
  }
}
