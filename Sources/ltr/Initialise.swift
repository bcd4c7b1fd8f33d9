import ArgumentParser
import Diagnostics
import Files
import Recipes

/// `ltr init`.
struct Initialise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented recipe to start from.",
    discussion: "The file is called recipe.yaml; one that is there already is never replaced.")

  @Argument(help: ArgumentHelp("The folder to write it to.", valueName: "folder"))
  var folder = "."

  func run() throws {
    let path = folder == "." ? "recipe.yaml" : folder + "/recipe.yaml"
    guard fileKind(at: path) == nil else {
      throw Failure(
        .cannotCreate, "the file is there already", at: Place(path),
        remedy: "name another folder, or move the file away")
    }
    try createFolder(folder)
    try writeAtomically(TrainingRecipe.starter(), to: path)
    try Terminal.write(path + "\n")
    Terminal.say("Edit it, then: ltr train \(path)")
  }
}
