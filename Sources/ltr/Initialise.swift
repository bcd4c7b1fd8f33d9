import ArgumentParser
import Files
import Recipes

/// `ltr init`.
struct Initialise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented recipe to start from.",
    discussion: "The file is called recipe.yaml; an existing file is never replaced.")

  @Argument(help: ArgumentHelp("The folder to write it to.", valueName: "folder"))
  var folder = "."

  func run() throws {
    let path = folder == "." ? "recipe.yaml" : folder + "/recipe.yaml"
    try createFolder(folder)
    try OutputCheck.file(
      path, overwrite: false, remedy: "choose another folder, or move the file away")
    try writeAtomically(TrainingRecipe.starter(), to: path)
    try Terminal.write(path + "\n")
    Terminal.say("Edit it, then: ltr train \(path)")
  }
}
