import Autodiff
import Models

extension LoadedWeights {
  /// Newly initialised parameters of a table, which another may continue: weights from a normal
  /// distribution with the deviation that the configuration names, norms that change nothing, and
  /// biases of zero. As new for training count those of the score head alone: the others are the base,
  /// whatever they are.
  init(
    new table: ParameterTable, in whole: ParameterTable, of blueprint: Blueprint, seed: UInt64
  ) {
    let parameters = Parameters(whole)
    var random = GaussianSource(seed: seed)
    // Gemma's norms store the difference from 1.
    let one = 1 - (blueprint.finalNorm?.shift ?? 0)
    for entry in table.entries {
      let values = parameters[entry.parameter]
      if entry.decays {
        random.fill(values, deviation: blueprint.initializerRange)
      } else {
        values.fill(entry.name.hasSuffix(".weight") ? one : 0)
      }
    }
    let head = table.entries.map(\.name).filter { name in
      blueprint.headModules.contains { name.hasPrefix($0 + ".") }
    }
    self.init(
      parameters: parameters, notices: ["all weights are newly initialised with seed \(seed)"],
      fresh: Set(head))
  }
}
