import Diagnostics
import Recipes
import Training

/// What a search needs to know of a recipe before it begins.
struct SearchProbe {
  /// The number of trials without a budget: nine, three, one, and the recipe's own among them.
  static let usualTrials = 9

  /// What the trials depend on.
  let subject: SearchPlan.Subject
  /// The time of a trial by its steps; nil if it was not measured.
  let cost: SearchCost?

  /// Reads the inputs of a recipe, and measures some steps.
  ///
  /// The recipe's own trial stands for all of them: the others freeze more, or have shorter lists.
  ///
  /// - Parameters:
  ///   - measures: whether the time of a trial is measured, which takes seconds.
  ///   - dry: where a dry run puts the indexes and candidates that it does not find.
  /// - Throws: `badRecipe` without a step to train; errors of reading the data and the models.
  init(_ recipe: TrainingRecipe, measures: Bool, dry: DryRunFolder?) throws(Failure) {
    var recipe = recipe
    recipe.data.test = nil
    recipe = try recipe.searched(dry: dry)
    let setup = try Self.setup(recipe)
    let steps = setup.value.data.overview.parts.first { $0.name == "training" }?.steps ?? 0
    let reranks = setup.value.model.fresh.isEmpty
    subject = SearchPlan.Subject(
      reranks: reranks, mixes: !setup.value.continuesAdapter,
      layers: setup.value.model.blueprint.layers.count, steps: steps)
    guard measures, steps > 0 else {
      cost = nil
      return
    }
    if reranks, subject.mixes {
      var average = recipe.training.average ?? .init()
      if average.base.isEmpty { average.base = .dev }
      recipe.training.average = average
    }
    var few = recipe
    few.training.mostSteps = max(1, steps / 9)
    cost = SearchCost(
      (few.training.mostSteps ?? 1, try Self.seconds(few)), (steps, try Self.seconds(recipe)))
  }

  private static func setup(
    _ recipe: TrainingRecipe
  ) throws(Failure) -> (value: TrainingSetup, seconds: Double) {
    let display = TrainingDisplay(measure: recipe.evaluation.select)
    defer { display.finish() }
    let began = ContinuousClock.now
    let setup = try TrainingSetup(recipe, isDryRun: true, progress: display.progress) { _ in }
    return (setup, (ContinuousClock.now - began) / .seconds(1))
  }

  private static func seconds(_ recipe: TrainingRecipe) throws(Failure) -> Double {
    let (setup, seconds) = try setup(recipe)
    let forecast = try setup.forecast(readingSeconds: seconds)
    guard !forecast.parts.isEmpty else {
      throw Failure(
        .badRecipe, "a trial takes more memory than there is", at: Place(recipe.output),
        expected: "a recipe whose steps fit into memory",
        remedy: "lower training.batch.lists and raise training.accumulate, or set "
          + "training.memory_budget")
    }
    return forecast.seconds
  }
}
