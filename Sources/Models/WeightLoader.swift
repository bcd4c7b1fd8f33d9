import Autodiff
import Diagnostics
import Foundation
import Persistence
import Randomness
import Tensors

/// Puts the tensors of a safetensors file where a model's parameters are.
struct WeightLoader {
  let file: SafeTensors
  let name: String
  let table: ParameterTable
  /// Parameters whose names start with one of these and a point may be missing.
  let fresh: [String]

  /// The prefix that files of bare encoders leave out.
  private static let prefix = "bert."

  /// Tensors of pretraining checkpoints that no ranker uses.
  private static func isIgnored(_ tensor: String) -> Bool {
    tensor.hasSuffix("position_ids") || tensor.hasPrefix("cls.")
  }

  /// Compares names and shapes, before any memory is taken for what a configuration claims.
  func check() throws(Failure) {
    var used: Set<String> = []
    for entry in table.entries {
      let shape = entry.parameter.shape
      if let tensor = tensor(for: entry.name) {
        used.insert(tensor)
        let found = file[tensor]?.shape ?? []
        guard found == shape.array else {
          throw Failure(
            .badData, "the tensor '\(tensor)' has shape \(found)", at: Place(name, key: tensor),
            expected: "\(shape), as config.json says")
        }
      } else if !isFresh(entry) {
        throw Failure(
          .badData, "the tensor '\(entry.name)' is missing", at: Place(name),
          expected: "shape \(shape), as config.json says")
      }
    }
    let unknown = file.tensors.map(\.name).first {
      !used.contains($0) && !Self.isIgnored($0) && !isOtherHead($0)
    }
    if let unknown {
      throw Failure(
        .badData, "the tensor '\(unknown)' is not part of this model",
        at: Place(name, key: unknown), expected: "the tensors that config.json describes",
        remedy: "check num_hidden_layers and model_type in config.json")
    }
  }

  /// Fills the parameters and returns notices.
  func load(into parameters: Parameters, deviation: Float, seed: UInt64)
    throws(Failure) -> LoadedWeights
  {
    var missing: [String] = []
    var random = GaussianSource(seed: seed)
    for entry in table.entries {
      let values = parameters[entry.parameter]
      if let tensor = tensor(for: entry.name) {
        try values.withMutableSpan { (span) throws(Failure) in
          try file.copy(tensor, into: &span, finite: true)
        }
      } else {
        missing.append(entry.name)
        if entry.decays { random.fill(values, deviation: deviation) } else { values.fill(0) }
      }
    }
    var notices: [String] = []
    let ignored = file.tensors.count { $0.name.hasPrefix("cls.") }
    if ignored > 0 {
      notices.append("\(ignored) tensors of a pretraining head (cls.*) are not used")
    }
    if !missing.isEmpty {
      notices.append("fresh weights, drawn with seed \(seed): \(missing.joined(separator: ", "))")
    }
    return LoadedWeights(parameters: parameters, notices: notices, fresh: Set(missing))
  }

  private func isFresh(_ entry: ParameterTable.Entry) -> Bool {
    fresh.contains { entry.name.hasPrefix($0 + ".") }
  }

  private func tensor(for parameter: String) -> String? {
    if file[parameter] != nil { return parameter }
    guard parameter.hasPrefix(Self.prefix) else { return nil }
    let bare = String(parameter.dropFirst(Self.prefix.count))
    return file[bare] != nil ? bare : nil
  }

  /// A score head in a file from which only the encoder is taken.
  private func isOtherHead(_ tensor: String) -> Bool {
    guard table[ScoreHead.classifierName + ".weight"] == nil else { return false }
    let heads = ["pooler.", ScoreHead.poolerName + ".", ScoreHead.classifierName + "."]
    return heads.contains { tensor.hasPrefix($0) }
  }
}

/// The parameters of a model with the values of its files.
struct LoadedWeights {
  var parameters: Parameters
  /// What is worth telling a user.
  var notices: [String] = []
  /// The names of the parameters that no file had.
  var fresh: Set<String> = []
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
