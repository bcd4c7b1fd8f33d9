/// A rung of a search: some trials, trained for the same number of steps.
public struct SearchRung: Sendable, Equatable {
  /// The number of steps of each trial.
  public var steps: Int
  /// The number of trials that get here by their value on dev; all trials on the first rung.
  public var best: Int
  /// The most trials that are trained: the recipe's own is among them in any case.
  public var trials: Int

  package init(steps: Int, best: Int, trials: Int) {
    (self.steps, self.best, self.trials) = (steps, best, trials)
  }

  /// By which the trials decrease and the steps increase from rung to rung.
  static let factor = 3
  /// The fewest steps that tell trials apart.
  static let fewestSteps = 10
  /// The most rungs. More than three would begin with runs of less than a tenth of the steps.
  static let most = 3

  /// The rungs of a search, the last one with `steps` steps.
  static func rungs(trials: Int, steps: Int) -> [SearchRung] {
    var count = 1
    while count < most, trials > power(count - 1) * 2, steps / power(count) >= fewestSteps {
      count += 1
    }
    return (0..<count).map { place in
      let best = max(1, (trials + power(place) - 1) / power(place))
      return SearchRung(
        steps: max(1, steps / power(count - 1 - place)), best: best,
        trials: place == 0 ? trials : min(trials, best + 1))
    }
  }

  private static func power(_ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { product, _ in product * factor }
  }
}

/// The time of a trial by its steps, and what fits into a budget.
public struct SearchCost: Sendable, Equatable {
  /// The seconds of a trial apart from those that grow with its steps.
  public var fixed: Double
  /// The seconds of a step, with its share of evaluations.
  public var perStep: Double

  /// A cost through two measured runs.
  public init(_ few: (steps: Int, seconds: Double), _ many: (steps: Int, seconds: Double)) {
    let slope =
      many.steps > few.steps
      ? (many.seconds - few.seconds) / Double(many.steps - few.steps) : 0
    perStep = max(0, slope)
    fixed = max(0, many.seconds - perStep * Double(many.steps))
  }

  /// The seconds of a rung, if none of its trials stops early.
  public func seconds(_ rung: SearchRung) -> Double {
    Double(rung.trials) * (fixed + perStep * Double(rung.steps))
  }

  /// The seconds of a search.
  public func seconds(trials: Int, steps: Int) -> Double {
    SearchRung.rungs(trials: trials, steps: steps).reduce(0) { $0 + seconds($1) }
  }

  /// The most trials of a search that a budget decides about.
  static let mostTrials = 27
  /// The fewest trials that are a search.
  static let fewestTrials = 4

  /// The trials and steps that fit into a budget: as many trials as possible with all steps, or the
  /// fewest with fewer steps. Nil if not even a tenth of the steps fits.
  ///
  /// - Parameters:
  ///   - trials: the number of trials, if it is given.
  ///   - steps: those of the recipe.
  public func fitting(
    _ budget: Double, trials: Int? = nil, steps: Int
  ) -> (trials: Int, steps: Int)? {
    let counts = trials.map { [$0] } ?? (Self.fewestTrials...Self.mostTrials).reversed()
    for count in counts where seconds(trials: count, steps: steps) <= budget {
      return (count, steps)
    }
    let count = trials ?? Self.fewestTrials
    for percent in stride(from: 95, through: 10, by: -5) {
      let fewer = max(1, steps * percent / 100)
      if seconds(trials: count, steps: fewer) <= budget { return (count, fewer) }
    }
    return nil
  }
}
