import Diagnostics
import Options

// What other keys need of a fusion, and a fusion of them.
extension TrainingRecipe {
  /// The fused order exists only with a fusion.
  func requireFusion(_ recipe: RecipeSection) throws(Failure) {
    guard evaluation.order == .fused, fusion == nil else { return }
    let section = try recipe.section("evaluation", keys: EvaluationOptions.keys)
    throw Failure(
      .badRecipe, "'evaluation.order' is fused, but nothing is fused",
      at: section?.place(of: "order") ?? recipe.place(of: "evaluation"),
      expected: "a section fusion", remedy: "add 'fusion: { weight: dev }', or remove 'order'")
  }

  /// The model is an addition to the first stage's scores of the training candidates.
  func requireFirstStage(_ recipe: RecipeSection) throws(Failure) {
    guard fusion?.residual != nil else { return }
    let train = data.train
    if train.lists == nil, train.candidates != nil || train.firstStage != nil { return }
    let section = try recipe.section("fusion", keys: FusionOptions.keys)
    throw Failure(
      .badRecipe, "'fusion.residual' has no first stage to add to",
      at: section?.place(of: "residual") ?? recipe.place(of: "fusion"),
      expected: "'data.train.candidates' beside judgments",
      remedy: "add the candidates, or remove 'residual'")
  }
}
