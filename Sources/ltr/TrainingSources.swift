import Diagnostics
import Files
import Options
import Ranking
import Recipes

extension DataSection {
  /// The data sources with their encodings resolved.
  ///
  /// - Throws: `badRecipe` if there is no such encoding.
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
  /// A warning if clicks are weighted but the loss makes the weights ineffective.
  ///
  /// A pointwise loss treats documents without a click as irrelevant, although they may not have
  /// been seen, and no weight of the others compensates for that (Saito et al. 2020). A loss whose
  /// target is the softmax of labels gives documents without a click a share of the target.
  var clickWarning: String? {
    guard case .lists(let lists) = data.train.source, lists.clickWeights != nil else { return nil }
    let pointwise = loss.terms.map(\.name).filter { name in
      Losses.all.contains { $0.name == name && $0.kind == .pointwise }
    }
    if let name = pointwise.first {
      return
        "the loss '\(name)' treats documents without a click as not relevant, and click weights do "
        + "not change that: use a pairwise, lambda or listwise loss"
    }
    let spread = loss.terms.first { $0.options["target"] == .text("softmax") }
    return spread.map {
      "the loss '\($0.name)' gives documents without a click a share of its target, and click weights "
        + "do not change that: set its 'target' to binary or proportional"
    }
  }
}
