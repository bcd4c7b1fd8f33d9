import Foundation
import Testing

/// What commands say of recipes: all mistakes at once, forecasts, and the recipes of the program.
@Suite struct RecipeCommandTests {
  private func program(_ recipe: String) throws -> Program {
    let program = try Program()
    try program.writeFixture()
    try program.write("recipe.yaml", recipe)
    return program
  }

  private static let recipe = """
    model: { base: model, max_length: 24 }
    data:
      train: { collection: shop, split: test, candidates: first.run }
      dev: { collection: shop, split: test, candidates: first.run }
    training: { epochs: 2, batch: { lists: 1 }, workers: 1, precision: f32 }
    output: run

    """

  /// Files that do not exist, a split that is not there and a model that is none: each with the line
  /// of the recipe that names it.
  @Test func aDryRunReportsEveryMistakeOfTheInputs() throws {
    let program = try program(
      """
      model: { base: modle }
      data:
        train: { collection: shop, split: tset, candidates: none.run }
        dev: { collection: shpo, split: test, candidates: first.run }
      output: run
      """)
    let result = try program("train recipe.yaml --dry-run")
    #expect(result.code == 66, "\(result.errors)")
    let errors = result.errors.split(separator: "\n").filter { $0.hasPrefix("error:") }
    #expect(errors.count == 4, "\(result.errors)")
    for place in [
      "recipe.yaml:1:16, key 'model.base'", "recipe.yaml:3:37, key 'data.train.split'",
      "recipe.yaml:3:55, key 'data.train.candidates'",
      "recipe.yaml:4:22, key 'data.dev.collection'",
    ] { #expect(result.errors.contains("  in: \(place)\n"), "\(place) not in\n\(result.errors)") }
    #expect(
      result.errors.contains(
        """
            1 | model: { base: modle }
              |                ^
        """), "\(result.errors)")
    // A run names the first one, with its line.
    let run = try program("train recipe.yaml")
    #expect(run.errors.contains("  in: recipe.yaml:1:16"), "\(run.errors)")
    #expect(!run.errors.contains("data.dev.collection"))
  }

  /// Wrong keys do not hide files that are missing.
  @Test func wrongKeysAndMissingFilesAreReportedTogether() throws {
    let program = try program(
      """
      model: { base: modle, max_length: x }
      data: { train: { collection: shop } }
      output: run
      """)
    let result = try program("train recipe.yaml --set training.epochs=0 --dry-run")
    #expect(result.code == 78)
    #expect(result.errors.contains("'max_length' cannot be 'x'"))
    #expect(result.errors.contains("at: --set training.epochs\n"))
    #expect(result.errors.contains("error: 'modle' does not exist"), "\(result.errors)")
  }

  @Test func aJobHasAllItsMistakesToo() throws {
    let program = try program("")
    try program.write(
      "job.yaml",
      "collection: shop\nsplit: none\nfirst_stage: { run: none.run }\noutput: { folder: o }\n")
    let result = try program("mine job.yaml --dry-run")
    #expect(result.errors.contains("  in: job.yaml:2:8, key 'split'"), "\(result.errors)")
    #expect(result.errors.contains("  in: job.yaml:3:14, key 'first_stage'"), "\(result.errors)")
  }

  @Test func aDryRunPredictsTimeAndMemory() throws {
    let program = try program(Self.recipe)
    let dry = try program("train recipe.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    for part in ["training: ", "dev: ", " truncated to 24 tokens", "predicted time: ", " MB\n"] {
      #expect(dry.errors.contains(part), "\(part) not in\n\(dry.errors)")
    }
    let json = try program("train recipe.yaml --dry-run --json").json()
    #expect((json["seconds"] as? Double ?? 0) > 0 && (json["peak_memory_mb"] as? Double ?? 0) > 1)
    #expect(json["recipe"] as? String == dry.output)
    let data = try #require(json["data"] as? [[String: Any]])
    #expect(data.map { $0["name"] as? String } == ["training", "dev"])
    #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: "run").path))
  }

  @Test func recipesAreExtendedAndSayWhatComesFromWhere() throws {
    let program = try program("extends: base.yaml\ntraining: { seed: \"${SEED:-3}\" }\n")
    try program.write("base.yaml", Self.recipe)
    let dry = try program("train recipe.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    #expect(dry.output.contains("  seed: 3  # recipe.yaml:2\n"), "\(dry.output)")
    #expect(dry.output.contains("  epochs: 2  # base.yaml:5\n"))
    try program.write("base.yaml", "extends: recipe.yaml\n")
    let cycle = try program("train recipe.yaml --dry-run")
    #expect(cycle.code == 78 && cycle.errors.contains("'recipe.yaml' extends itself"))
  }

  @Test func theProgramHasItsRecipes() throws {
    let program = try Program()
    let list = try program("recipes")
    #expect(list.code == 0 && list.lines.count == 15)
    #expect(list.lines[3].hasPrefix("04  csv "))
    let json = try program("recipes --json").json()
    let names = (json["recipes"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    #expect(names.count == 15 && names.contains("clicks"))
    #expect(try program("recipes csv").output.contains("ltr train Recipes/04-csv.yaml"))
    let unknown = try program("recipes clikcs")
    #expect(unknown.code == 64 && unknown.errors.contains("to do: write 'clicks'"))
  }

  @Test func oneIsWrittenWithPathsOfOnesOwn() throws {
    let program = try program("")
    try program.write("own/old.yaml", "")
    let made = try program("init new --from csv --collection my/shop --model model --output runs/a")
    #expect(made.code == 0 && made.output == "new/recipe.yaml\n", "\(made.errors)")
    let text = try program.read("new/recipe.yaml")
    for line in [
      "#     ltr train new/recipe.yaml\n", "  base: model\n", "    collection: my/shop\n",
      "output: runs/a\n", "index: runs/a-index-bm25",
    ] { #expect(text.contains(line), "\(line) not in\n\(text)") }
    #expect(try program("init new --from csv").code == 73)
    #expect(try program("init job --from mine").output == "job/job.yaml\n")
    let fixed = try program("init x --from every-key --model model")
    #expect(fixed.code == 64 && fixed.errors.contains("the paths of 'every-key' cannot be set"))
  }
}
