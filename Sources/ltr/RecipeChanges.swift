import ArgumentParser

/// What a command line changes in a recipe.
struct RecipeChanges: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Sets one value of the recipe: training.epochs=5. May be repeated.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("The folder to write, in place of the recipe's.", valueName: "folder"))
  var output: String?
}
