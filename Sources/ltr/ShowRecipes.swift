import ArgumentParser
import JSON
import Recipes
import Tables

/// `ltr recipes`.
struct ShowRecipes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes",
    abstract: "Lists the recipes that come with the program, or prints one.",
    discussion: """
      'ltr init --from NAME' writes one to a file, with the paths of your data and model.
      """)

  @Argument(help: ArgumentHelp("The recipe to print.", valueName: "name"))
  var name: String?

  @Flag(help: "Print the list, or the recipe with its description, as JSON.")
  var json = false

  func run() throws {
    if let name {
      let recipe = try Gallery.named(name)
      return json
        ? try Terminal.write(recipe.json(withText: true)) : try Terminal.write(recipe.text)
    }
    if json {
      return try Terminal.write(
        ["recipes": .list(Gallery.all.map { $0.json(withText: false) })] as JSONValue)
    }
    let width = Gallery.all.map(\.name.count).max() ?? 0
    for recipe in Gallery.all {
      let blanks = String(repeating: " ", count: width - recipe.name.count + 2)
      try Terminal.write("\(recipe.file.prefix(2))  \(recipe.name)\(blanks)\(recipe.summary)\n")
    }
    Terminal.say("'ltr recipes NAME' prints one, 'ltr init --from NAME' writes it to a file")
  }
}

extension GalleryRecipe {
  fileprivate func json(withText: Bool) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .text(name), "file": .text(file), "summary": .text(summary),
      "kind": .text(kind == .recipe ? "recipe" : "job"), "command": .text(kind.command),
    ]
    if withText { members["text"] = .text(text) }
    return .object(members)
  }
}
