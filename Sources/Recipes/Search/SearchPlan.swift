public import Diagnostics
import Options
import Ranking

/// The trials of `ltr train --auto`, and the rungs on which fewer and fewer of them are trained for
/// more and more steps: successive halving (Jamieson and Talwalkar, 2016) with a factor of 3.
///
/// The learning rate falls to the end of a run, so that a trial which survives is trained from the
/// base with more steps, and does not go on from its checkpoint. What is compared are whole runs, and
/// the last one is a run of its recipe like any other.
public struct SearchPlan: Sendable {
  /// What the trials depend on beside the recipe.
  public struct Subject: Sendable {
    /// Whether the base model has a score head.
    public var reranks: Bool
    /// Whether its weights can be mixed with the trained ones.
    public var mixes: Bool
    /// The number of layers of the encoder.
    public var layers: Int
    /// The number of steps of a run of the recipe as it is written, without those of a warm-up.
    public var steps: Int

    /// A base model and the length of a run.
    public init(reranks: Bool, mixes: Bool = true, layers: Int, steps: Int) {
      (self.reranks, self.mixes) = (reranks, mixes)
      (self.layers, self.steps) = (layers, steps)
    }
  }

  /// The recipe as it is written.
  public let recipe: TrainingRecipe
  /// The dotted paths of the keys that differ between trials.
  public let keys: [String]
  /// The trials, the recipe's own values first.
  public let trials: [SweepPlan.Setting]
  /// The rungs, of which every one has more steps than the one before.
  public let rungs: [SearchRung]
  /// The number of steps of the recipe as it is written.
  private let steps: Int

  /// The name of the trial with the recipe's own values.
  public static let ownName = "recipe"

  /// Draws the trials, and reads the recipes of all of them.
  ///
  /// Where the base reranks, every trial ends with `training.average.base: dev`, so that the base itself
  /// is a candidate of each, unless the recipe says what to do with the base's weights.
  ///
  /// - Parameter steps: the number of steps of the last rung; nil for the recipe's own.
  /// - Throws: `badRecipe` without `data.dev`, and for errors in the recipe of a trial.
  public init(
    _ source: RecipeSource, _ subject: Subject, trials count: Int, steps: Int? = nil
  ) throws(Failure) {
    var recipe = try TrainingRecipe(source)
    recipe.sweep = nil
    let section = try RecipeSection(source.root, path: nil, keys: TrainingRecipe.keys)
    guard recipe.data.dev != nil else {
      throw Failure(
        .badRecipe, "the trials of a search are compared on data.dev, which is missing",
        at: section.place, expected: "a section data.dev",
        remedy: "add 'dev' to 'data', or train without --auto")
    }
    let space = SearchSpace(recipe, subject)
    let root = SettingReader(section, of: "search")
    let own = try root.recipe([], name: Self.ownName)
    var found: [SweepPlan.Setting] = []
    for (place, values) in space.trials(count).enumerated() {
      let digits = String(place)
      let name =
        place == 0
        ? Self.ownName : String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      let given = zip(space.keys, values).compactMap { key, value in value.map { (key, $0) } }
      var trial = place == 0 ? own : try root.recipe(given, name: name)
      if subject.reranks, subject.mixes { trial.training.goBackToBase() }
      let words = zip(space.keys, values).map { $1 ?? root.written($0, in: own) }
      found.append(.init(name: name, values: words, recipe: trial))
    }
    if subject.reranks, subject.mixes { recipe.training.goBackToBase() }
    self.recipe = recipe
    keys = space.keys
    trials = found
    rungs = SearchRung.rungs(trials: found.count, steps: steps ?? subject.steps)
    self.steps = subject.steps
  }

  /// The runs of a rung, in the order of the trials.
  ///
  /// - Parameter names: those of its trials; nil for all.
  public func runs(of rung: Int, trials names: Set<String>? = nil) -> SweepPlan {
    func shortened(_ recipe: TrainingRecipe) -> TrainingRecipe {
      var recipe = recipe
      // The last rung of a search that is not shortened is the recipe itself.
      if rungs[rung].steps < steps { recipe.training.mostSteps = rungs[rung].steps }
      return recipe
    }
    var settings = trials.filter { names?.contains($0.name) ?? true }
    for place in settings.indices { settings[place].recipe = shortened(settings[place].recipe) }
    return SweepPlan(
      shortened(recipe), keys: keys, settings: settings,
      base: settings.firstIndex { $0.name == Self.ownName }, seeds: [recipe.training.seed])
  }

  /// The names of the trials that reach the next rung: the best of this one, and the recipe's own in
  /// any case, which the chosen one has to beat.
  ///
  /// - Parameter ranking: the trials of the rung that ended with a model, the best first.
  public func survivors(of rung: Int, ranking: [String]) -> Set<String> {
    guard rungs.indices.contains(rung + 1) else { return [] }
    return Set(ranking.prefix(rungs[rung + 1].best) + [Self.ownName].filter(ranking.contains))
  }
}

extension TrainingOptions {
  /// Lets dev choose between the trained weights and those of the base, unless that is settled.
  fileprivate mutating func goBackToBase() {
    var average = average ?? AverageOptions()
    if average.base.isEmpty { average.base = .dev }
    self.average = average
  }
}
