import Diagnostics
import Foundation
import Recipes
import TestSupport
import Testing

/// The shortest recipe there is.
let minimal = """
  model: { base: m }
  data: { train: { collection: c } }
  output: o

  """

func recipe(_ text: String, _ overrides: String...) throws(Failure) -> TrainingRecipe {
  try TrainingRecipe(
    text: text, file: "r.yaml", overrides: overrides)
}

/// What is said about a recipe, without the line it is in, or "" where nothing is wrong with it.
func said(_ text: String, _ overrides: [String] = []) -> String {
  do throws(Failure) {
    _ = try TrainingRecipe(
      text: text, file: "r.yaml", overrides: overrides)
    return ""
  } catch {
    var error = error
    error.excerpt = nil
    error.further = []
    #expect(error.kind == (error.problem.hasPrefix("'--set") ? .usage : .badRecipe))
    return error.description.replacing("\n", with: " |").replacing(" |  ", with: " | ")
  }
}

/// A file of the package.
func packageFile(_ path: String) throws -> String {
  try String(contentsOf: Material.package.appending(path: path), encoding: .utf8)
}
