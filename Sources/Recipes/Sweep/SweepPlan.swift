public import Diagnostics
import Options

/// The settings of a sweep with their recipes, all of which have been read.
public struct SweepPlan: Sendable {
  /// One choice of a value for every key.
  public struct Setting: Sendable {
    /// Its name: "base", or its number, "001" for the first.
    public var name: String
    /// The values as YAML, in the order of the keys.
    public var values: [String]
    /// The recipe, with neither a sweep nor `data.test`, which no run of a sweep may see.
    public var recipe: TrainingRecipe
  }

  /// A setting with a seed.
  public struct Run: Sendable, Equatable {
    /// The place of the setting.
    public var setting: Int
    /// The seed of training.
    public var seed: UInt64
    /// A name that is the same on every machine: "003-seed-7".
    public var name: String
  }

  /// The recipe as it is written, with its sweep.
  public let recipe: TrainingRecipe
  /// The dotted paths of the keys.
  public let keys: [String]
  /// The settings. Where the recipe as it is written is one of them, it is the first, or in a grid
  /// that contains it wherever it is there.
  public let settings: [Setting]
  /// The place of the recipe as it is written among the settings; nil if it is not one of them.
  public let base: Int?
  /// The seeds of every setting.
  public let seeds: [UInt64]

  /// All runs in the order of training: every setting with the first seed, then with the next, so
  /// that a sweep that is stopped early has seen as many settings as possible.
  public var runs: [Run] {
    seeds.flatMap { seed in
      settings.indices.map {
        Run(setting: $0, seed: seed, name: "\(settings[$0].name)-seed-\(seed)")
      }
    }
  }

  /// The recipe of a run that writes to the folder `output`.
  public func recipe(of run: Run, output: String) -> TrainingRecipe {
    var recipe = settings[run.setting].recipe
    recipe.training.seed = run.seed
    recipe.output = output
    return recipe
  }

  /// A plan of settings whose recipes have been read.
  init(
    _ recipe: TrainingRecipe, keys: [String], settings: [Setting], base: Int?, seeds: [UInt64]
  ) {
    (self.recipe, self.keys, self.settings) = (recipe, keys, settings)
    (self.base, self.seeds) = (base, seeds)
  }

  /// Reads a recipe with a sweep, and the recipes of all its settings.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: the file's name in failures.
  ///   - overrides: `key.path=value` each, as for `--set`.
  ///   - most: the number of runs above which the sweep is rejected.
  /// - Throws: as `init(_:most:)`.
  public init(
    text: String, file: String, overrides: [String] = [], most: Int? = nil
  ) throws(Failure) {
    try self.init(
      RecipeSource(text: text, file: file, kind: .recipe, overrides: overrides), most: most)
  }

  /// Reads a recipe with a sweep, and the recipes of all its settings.
  ///
  /// - Parameter most: the number of runs above which the sweep is rejected before its settings are
  ///   made; nil for that of which no sweep is reasonable.
  /// - Throws: `badRecipe` for any error in the recipe or in one of its settings, without a sweep,
  ///   and if two settings are the same recipe; `usage` if there are more than `most` runs.
  public init(_ source: RecipeSource, most: Int? = nil) throws(Failure) {
    recipe = try TrainingRecipe(source)
    let section = try RecipeSection(source.root, path: nil, keys: TrainingRecipe.keys)
    guard let sweep = recipe.sweep else {
      throw Failure(
        .badRecipe, "the recipe has no sweep", at: section.place, expected: "a section 'sweep'",
        remedy: "add 'sweep: { keys: { optimizer.lr: [1.0e-5, 3.0e-5] } }', or train the recipe "
          + "with 'ltr train'")
    }
    keys = sweep.keys.map(\.path)
    seeds = sweep.seeds.isEmpty ? [recipe.training.seed] : sweep.seeds
    try Self.requireReasonable(sweep, seeds.count, most, at: section.place(of: "sweep"))
    let root = SettingReader(section, of: "sweep")
    let base = try root.recipe([], name: "base")
    var settings: [Setting] = []
    /// The settings by their recipes.
    var known: [String: String] = [:]
    var basePlace: Int?
    for (index, values) in sweep.combinations.enumerated() where !keys.isEmpty {
      let digits = String(index + 1)
      let name = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      let found = try root.recipe(Array(zip(keys, values)), name: name)
      if let other = known.updateValue(name, forKey: found.resolved) {
        throw Failure(
          .badRecipe, "the settings \(other) and \(name) are the same recipe",
          at: section.place(of: "sweep"),
          expected: "values that differ in what they mean, and keys that apply together",
          remedy: "remove one of the values: "
            + zip(keys, values).map { "\($0): \($1)" }.joined(separator: ", "))
      }
      if found == base { basePlace = settings.count }
      settings.append(Setting(name: name, values: values, recipe: found))
    }
    if sweep.includesBase || keys.isEmpty, basePlace == nil {
      let written = keys.map { root.written($0, in: base) }
      settings.insert(Setting(name: "base", values: written, recipe: base), at: 0)
      basePlace = 0
    }
    self.settings = settings
    self.base = basePlace
  }

  /// The most runs of any sweep.
  static let mostRuns = 100_000

  private static func requireReasonable(
    _ sweep: SweepOptions, _ seeds: Int, _ most: Int?, at place: Place
  ) throws(Failure) {
    let made = sweep.method == .random ? sweep.count : sweep.settingCount ?? 0
    let settings = made + (sweep.includesBase && !sweep.keys.isEmpty ? 1 : 0)
    let runs = settings * seeds
    let words =
      "the sweep has \(runs) runs: \(settings) settings"
      + (seeds > 1 ? " with \(seeds) seeds each" : "")
    let fewer = "remove values, or draw some settings: 'method: random' with 'count: 20'"
    if runs > mostRuns {
      throw Failure(
        .badRecipe, words, at: place, expected: "\(mostRuns) runs at most", remedy: fewer)
    }
    if let most, runs > most {
      throw Failure(
        .usage, words, at: place, expected: "\(most) runs at most, unless more are asked for",
        remedy: "give --yes to train them all; or " + fewer)
    }
  }
}
