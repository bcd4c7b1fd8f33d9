import ArgumentParser
import Diagnostics
import Files
import Recipes

/// `ltr init`.
struct Initialise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented recipe to start from.",
    discussion: """
      The file is called recipe.yaml, or job.yaml for a mining job; an existing file is never \
      replaced. 'ltr recipes' lists what --from takes.
      """)

  @Argument(help: ArgumentHelp("The folder to write it to.", valueName: "folder"))
  var folder = "."

  @Option(
    name: .customLong("from"), help: ArgumentHelp("The recipe to start from.", valueName: "name"))
  var name = "quickstart"

  @Option(
    help: ArgumentHelp("The collection, in place of the recipe's.", valueName: "collection"))
  var collection: String?

  @Option(
    help: ArgumentHelp("The model to start from, in place of the recipe's.", valueName: "model"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The folder that the run writes, in place of the recipe's; indexes lie beside it.",
      valueName: "folder"))
  var output: String?

  func run() throws {
    let recipe = try Gallery.named(name)
    let paths = paths(recipe.paths)
    guard paths == recipe.paths || recipe.text(with: paths) != recipe.text(with: recipe.paths)
    else {
      throw Failure(
        .usage, "the paths of '\(recipe.name)' cannot be set",
        expected: "--from without --collection, --model and --output",
        remedy: "edit the file, or set values with --set when it is run")
    }
    let file = recipe.kind == .recipe ? "recipe.yaml" : "job.yaml"
    let path = folder == "." ? file : folder + "/" + file
    try createFolder(folder)
    try OutputCheck.file(
      path, overwrite: false, remedy: "choose another folder, or move the file away")
    try writeAtomically(recipe.text(with: paths, named: path), to: path)
    try Terminal.write(path + "\n")
    Terminal.say("Edit it, then: ltr \(recipe.kind.command) \(path)")
  }

  /// The recipe's paths, with those of the command line in their place.
  private func paths(_ paths: RecipePaths) -> RecipePaths {
    var paths = paths
    if let collection { paths.collection = collection }
    if let model { paths.base = model }
    if let output {
      paths.output = output
      paths.indexes = output + "-index"
    } else if let collection {
      // Indexes are of a collection, so that those of two do not share a name.
      var name = collection.split(separator: "/").last.map(String.init) ?? "collection"
      name = name.split(separator: ".").first.map(String.init) ?? name
      paths.indexes = "Checkpoints/\(name)"
      paths.output = "Checkpoints/\(name)-\(self.name)"
    }
    return paths
  }
}
