package import Diagnostics
package import Models
package import Scoring

/// At which exits of a model candidates leave.
package enum ExitChoice: Sendable, Equatable {
  /// At no exit: all candidates go through all layers.
  case none
  /// At all exits, with the shares that were chosen on dev.
  case auto
  /// At some exits, by their numbers of layers; without a share the one that was chosen on dev.
  case some([Exit])

  /// An exit by its number of layers.
  package struct Exit: Sendable, Equatable {
    package var layer: Int
    package var share: Double?

    package init(layer: Int, share: Double?) { (self.layer, self.share) = (layer, share) }
  }

  /// Reads `none`, `auto`, or exits such as `2,4` or `2:0.5,4:0.2`; nil for any other text.
  package init?(_ text: String) {
    switch text {
    case "none": self = .none
    case "auto": self = .auto
    default:
      var exits: [Exit] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let parts = part.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let layer = Int(parts[0]), layer > 0,
          exits.last.map({ $0.layer < layer }) ?? true
        else { return nil }
        let share = parts.count == 2 ? Double(parts[1]) : nil
        if parts.count == 2 {
          guard let share, share > 0, share <= 1 else { return nil }
        }
        exits.append(Exit(layer: layer, share: share))
      }
      self = .some(exits)
    }
  }

  /// The cascade of a model; nil for none. `place` names the model in failures.
  ///
  /// - Throws: `usage` for an exit that the model lacks, and for one without a share.
  package func cascade(
    of model: CrossEncoder, at place: Place
  ) throws(Failure) -> ExitCascade? {
    if self == .none { return nil }
    guard let plan = model.exits else {
      throw Failure(
        .usage, "the model has no exits", at: place, expected: "a model trained with 'model.exits'",
        remedy: "omit --exits, or train the model with 'model.exits: {layers: [2, 4]}'")
    }
    let asked =
      if case .some(let exits) = self { exits } else {
        plan.exits.map { Exit(layer: $0.layer, share: nil) }
      }
    var stops: [ExitCascade.Stop] = []
    for exit in asked {
      guard let known = plan.exits.first(where: { $0.layer == exit.layer }) else {
        throw Failure(
          .usage, "the model has no exit after layer \(exit.layer)", at: place,
          expected: "some of its exits, \(plan.layers.map(String.init).joined(separator: ","))",
          remedy: "change --exits")
      }
      guard let share = exit.share ?? known.share else {
        throw Failure(
          .usage, "no share was chosen for the exit after layer \(exit.layer)", at: place,
          expected: "shares chosen on dev at the end of training, or given ones",
          remedy: "give the share of candidates that go on: --exits \(exit.layer):0.5")
      }
      stops.append(
        .init(
          layer: exit.layer, share: share, slope: known.slope, intercept: known.intercept))
    }
    return ExitCascade(stops)
  }
}
