import Diagnostics
import Foundation
import Recipes
import TestSupport
import Testing

/// Losses such as the real ones.
let catalogue = LossCatalogue([
  .init(
    "lambdarank",
    options: [
      .init("truncation", .whole(default: 0, range: 0...Int.max)),
      .init("sigma", .number(default: 1, range: 0.01...100)),
    ]),
  .init("softmax", aliases: ["listnet"]),
  .init(
    "bce",
    options: [
      .init("gain", .choice(default: "exponential", among: ["linear", "exponential"])),
      .init("soft", .flag(default: false)),
    ]),
])

/// A check of measures such as the real one.
func measure(_ text: String) throws(Failure) -> String {
  let known = ["nDCG@10": "nDCG@10", "ndcg@10": "nDCG@10", "RR@10": "RR@10", "AP": "AP"]
  if let name = known[text] { return name }
  throw Failure(
    .badRecipe, "there is no measure '\(text)'", expected: "nDCG@k, RR@k or AP",
    remedy: "write 'AP'")
}

/// The shortest recipe there is.
let minimal = """
  model: { base: m }
  data: { train: { collection: c } }
  output: o

  """

func recipe(_ text: String, _ overrides: String...) throws(Failure) -> TrainingRecipe {
  try TrainingRecipe(
    text: text, file: "r.yaml", overrides: overrides, losses: catalogue, measure: measure)
}

/// What is said about a recipe, or "" where nothing is wrong with it.
func said(_ text: String, _ overrides: [String] = []) -> String {
  do throws(Failure) {
    _ = try TrainingRecipe(
      text: text, file: "r.yaml", overrides: overrides, losses: catalogue, measure: measure)
    return ""
  } catch {
    #expect(error.kind == (error.problem.hasPrefix("'--set") ? .usage : .badRecipe))
    return error.description.replacing("\n", with: " |").replacing(" |  ", with: " | ")
  }
}

/// A file of the package.
func packageFile(_ path: String) throws -> String {
  try String(contentsOf: Material.package.appending(path: path), encoding: .utf8)
}
