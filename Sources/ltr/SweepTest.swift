import Diagnostics
import Files
import Foundation
import JSON
import ModelFiles
import Models
import Recipes
import Reports
import Training

extension SweepReport {
  /// Measures the run that dev has chosen on test, which no other run has seen, and keeps the result
  /// in the sweep's folder.
  ///
  /// Nothing happens before all runs have ended, without `data.test`, and if test has been measured.
  ///
  /// - Parameters:
  ///   - found: the folder of what first stages without an index find; nil for the sweep's.
  ///   - keep: receives the outcome before it is noted that test has been measured.
  /// - Throws: errors of reading the data and the models, and those of `keep`.
  mutating func measureTest(
    in folder: SweepFolder, found candidates: String? = nil,
    keep: (TrainingOutcome) throws -> Void = { _ in }
  ) throws {
    guard isComplete, test == nil, let chosen, let path = chosen.folder else { return }
    let sweep = try TrainingRecipe(reading: folder.recipe, overrides: [], output: nil)
    guard let split = sweep.data.test else { return }
    Terminal.say("measuring \(chosen.name), which dev has chosen, on test")
    let directory = RunDirectory(path)
    var recipe = try TrainingRecipe(reading: directory.recipe, overrides: [], output: nil)
    let warmUp = recipe.warmUp
    // The lists of a warm-up take minutes to make, and dev is known.
    (recipe.warmUp, recipe.data.dev, recipe.data.test) = (nil, nil, split)
    recipe.output = candidates ?? folder.path
    let display = TrainingDisplay(measure: measure)
    let setup = try TrainingSetup(
      try recipe.searched(), isDryRun: false, progress: display.progress
    ) { event in
      if case .warning = event { display.show(event) }
    }
    var plan = setup.plan
    plan.warmUp = warmUp
    let trained = try CrossEncoder(
      ModelSource(directory.model), seed: recipe.training.seed, for: .base)
    let trainer = try Trainer(
      setup.model, plan, setup.data, directory: directory, recipe: recipe.runIdentity,
      progress: display.progress, report: display.show)
    let metrics = try JSONReader().decode(
      TrainingMetrics.self, from: try readFile(directory.metrics).array, name: directory.metrics)
    let history = RunHistory(log: try readFile(directory.log).array)
    let outcome = try trainer.measureTest(of: trained, metrics, history)
    display.finish()
    guard let outcome else { return }
    var found = TrainingMetrics(outcome, selectedBy: measure)
    (found.dev, found.warning) = (metrics.dev, metrics.warning)
    try keep(outcome)
    let result = Test(run: chosen.name, metrics: found)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try writeAtomically(Array(try encoder.encode(result)) + [0x0A], to: folder.test)
    test = result
  }
}
