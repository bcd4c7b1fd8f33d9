import Diagnostics
import Options
import Recipes
import Training

/// The time and memory that runs of a sweep take, from the forecasts of some of them.
struct SweepForecast {
  /// The most forecasts, each of which takes seconds.
  private static let most = 6

  /// The time of all runs, if none stops early; nil if memory does not suffice for one of them.
  private(set) var seconds: Double?
  /// The most memory that a run takes, in bytes.
  private(set) var peakMemory = 0
  /// Whether a run takes more memory than there is.
  private(set) var lacksMemory = false
  /// Whether some of the runs are unlike those that were measured.
  private(set) var isRough = false

  /// Forecasts one run of each kind: learning rates, losses and seeds take the same time.
  ///
  /// - Parameter folder: where what is missing is put.
  /// - Throws: errors of reading the data and the models.
  init(
    _ runs: [SweepPlan.Run], of plan: SweepPlan, output: String, in folder: DryRunFolder
  ) throws(Failure) {
    var kinds: [(recipe: TrainingRecipe, seconds: Double?)] = []
    var total: Double? = 0
    for run in runs {
      var recipe = plan.recipe(of: run, output: output)
      var kind = recipe
      (kind.optimizer, kind.loss, kind.training.seed) = (OptimizerOptions(), LossSection(), 0)
      let found: Double?
      if let known = kinds.first(where: { $0.recipe == kind }) {
        found = known.seconds
      } else if kinds.count == Self.most {
        isRough = true
        found = kinds.compactMap(\.seconds).reduce(0, +) / Double(kinds.count)
      } else {
        let asked = ContinuousClock.now
        recipe = try recipe.searched(dry: folder)
        let display = TrainingDisplay(measure: recipe.evaluation.select)
        let began = ContinuousClock.now
        // First stages are searched once for all runs.
        total = total.map { $0 + (began - asked) / .seconds(1) }
        let setup = try TrainingSetup(recipe, isDryRun: true, progress: display.progress) { _ in }
        let forecast = try setup.forecast(
          readingSeconds: (ContinuousClock.now - began) / .seconds(1))
        display.finish()
        peakMemory = max(peakMemory, forecast.peakMemory)
        lacksMemory = lacksMemory || forecast.lacksMemory
        found = forecast.parts.isEmpty ? nil : forecast.seconds
        kinds.append((kind, found))
      }
      total = total.flatMap { sum in found.map { sum + $0 } }
    }
    seconds = total
  }

  /// The forecast in a line or two.
  func lines(runs: Int) -> [String] {
    let memory = peakMemory / 1_048_576
    var lines: [String] = []
    if let seconds {
      lines.append(
        "predicted time: \(ProgressLine.duration(seconds)) for \(runs) runs if none stops early"
          + (isRough ? ", of which only some were measured" : ""))
    }
    lines.append(
      "predicted peak memory: \(memory) MB" + (lacksMemory ? ", more than there is free" : ""))
    return lines
  }
}
