package import Autodiff

/// The score head behind some of the layers.
struct ExitHead: Sendable {
  /// The number of layers before it.
  let layer: Int
  let head: ScoreHead
}

extension CrossEncoderLayers {
  /// Adds the heads of exits, and their parameters to a table that continues that of these layers.
  ///
  /// - Precondition: the plan fits the model (`ExitPlan.check`).
  package mutating func add(_ plan: ExitPlan, in table: inout ParameterTable) {
    let blueprint = Self.blueprint(architecture, head: modularHead)
    exits = plan.exits.map { exit in
      guard plan.head == .own else { return ExitHead(layer: exit.layer, head: head) }
      var own = blueprint
      own.head = blueprint.head.map { step in
        switch step {
        case .dense(var dense):
          dense.name = ExitPlan.name(of: dense.name, after: exit.layer)
          return .dense(dense)
        case .norm(var norm):
          norm.name = ExitPlan.name(of: norm.name, after: exit.layer)
          return .norm(norm)
        case .tanh, .activation, .dropout: return step
        }
      }
      return ExitHead(layer: exit.layer, head: ScoreHead(own, in: &table))
    }
    encoder.stops = plan.layers
  }
}
