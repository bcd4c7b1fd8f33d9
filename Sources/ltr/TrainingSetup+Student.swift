import Diagnostics
import ModelFiles
import Options

extension ModelSource {
  /// The model that a recipe makes of some layers of its base.
  ///
  /// - Throws: `badRecipe` if the base cannot be cut so.
  func keeping(_ layers: LayerChoice, of base: String) throws(Failure) -> ModelSource {
    let count = try sidecar.architecture().blueprint.layers.count
    let key = "layers"
    return try keeping(layers.numbers(of: count)) { Place(base, key: "model.\(key)") }
  }

  /// What was kept of the base.
  func layerNotice(_ whole: ModelSource) throws(Failure) -> String {
    let count = try whole.sidecar.architecture().blueprint.layers.count
    let kept = (cut?.kept ?? []).map(String.init).joined(separator: ", ")
    return "the model begins with \(cut?.kept.count ?? count) of the base's \(count) layers: "
      + kept
  }
}

extension ModelOptions {
  /// - Throws: `badRecipe` if newly initialised weights are asked for and the base is an adapter.
  func checkWeights(of source: ModelSource) throws(Failure) {
    guard weights == .new, source.adapterRank != nil else { return }
    throw Failure(
      .badRecipe, "an adapter has no configuration of its own to make a new model of",
      at: Place(base, key: "model.weights"), expected: "'weights: base'",
      remedy: "name the adapter's base as 'model.base', or remove 'weights: new'")
  }

  /// - Throws: `badRecipe` if the base's embeddings are those of newly initialised weights.
  func checkTeaching() throws(Failure) {
    guard weights == .new else { return }
    throw Failure(
      .badRecipe, "newly initialised weights cannot teach the warm-up",
      at: Place(base, key: "warm_up.teacher"), expected: "a run of a teacher's scores",
      remedy: "set 'warm_up.teacher' to a run file, or omit 'warm_up'")
  }
}
