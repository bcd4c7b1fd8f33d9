import Diagnostics
import Files
import Options
import Ranking
import Recipes

extension DataSection {
  /// The sources, with encodings that are known.
  ///
  /// - Throws: `badRecipe` where there is no such encoding.
  func checkedSources() throws(Failure) -> TrainingSources {
    let sources = sources
    let train =
      switch sources.train {
      case .judged(let source): source.encoding
      case .lists(let source): source.encoding
      }
    for (key, name) in [
      ("train", train), ("dev", sources.dev?.encoding), ("test", sources.test?.encoding),
    ] {
      _ = try TextEncoding(name, key: "data.\(key).encoding")
    }
    return sources
  }
}

extension TrainingRecipe {
  /// What to say where clicks are weighted and weights do not do what they are for.
  ///
  /// A loss that looks at documents one by one takes what was not clicked for not relevant,
  /// although it may not have been seen, and no weight of the others makes up for that (Saito et
  /// al. 2020). One whose target is the softmax of labels gives what was not clicked a share of the
  /// target.
  var clickWarning: String? {
    guard case .lists(let lists) = data.train.source, lists.clickWeights != nil else { return nil }
    let pointwise = loss.terms.map(\.name).filter { name in
      Losses.all.contains { $0.name == name && $0.kind == .pointwise }
    }
    if let name = pointwise.first {
      return
        "the loss '\(name)' takes what was not clicked for not relevant, and click weights do not "
        + "change that: use a pairwise, lambda or listwise loss"
    }
    let spread = loss.terms.first { $0.options["target"] == .text("softmax") }
    return spread.map {
      "the loss '\($0.name)' gives what was not clicked a share of its target, and click weights do "
        + "not change that: set its 'target' to binary or proportional"
    }
  }
}
