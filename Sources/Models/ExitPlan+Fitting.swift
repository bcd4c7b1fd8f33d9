package import Diagnostics

extension ExitPlan {
  /// Checks that a model can have these exits; `place` is where they were asked for.
  ///
  /// - Throws: a failure of the given kind for exits after layers that the model lacks or that are its
  ///   last, and for a model whose score is not read from a layer.
  package func check(
    _ blueprint: Blueprint, _ kind: Failure.Kind, at place: Place
  ) throws(Failure) {
    guard blueprint.decoder == nil else {
      throw Failure(
        kind, "a decoder behind the encoder gives the model's score, so its layers have no exits",
        at: place, expected: "an encoder, or a decoder alone", remedy: "use the model without exits"
      )
    }
    let most = blueprint.layers.count - 1
    guard let wrong = exits.first(where: { !(1...max(most, 1)).contains($0.layer) || most < 1 })
    else { return }
    throw Failure(
      kind, "there is no exit after layer \(wrong.layer) of \(blueprint.layers.count)", at: place,
      expected: most < 1
        ? "a model with more than one layer"
        : "layers from 1 to \(most): after the last one is the model's own score")
  }
}
