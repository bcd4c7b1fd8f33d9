import Ranking
import Recipes
import Training

extension TrainingSources {
  /// The sources of a recipe.
  init(_ section: DataSection) {
    let train: Origin =
      switch section.train.source {
      case .judged(let source): .judged(TrainingSource(source))
      case .lists(let source): .lists(ListSource(source))
      }
    self.init(
      train: train, teacher: section.train.teacher, dev: section.dev.map { TrainingSource($0) },
      test: section.test.map { TrainingSource($0) })
  }
}

extension ListSource {
  fileprivate init(_ source: ListsSource) {
    self.init(
      file: source.file, collection: source.collection,
      clickWeights: source.weights.map { weights in
        let propensities: ClickWeightOptions.Propensities =
          switch weights.propensities {
          case .power: .power(weights.eta)
          case .estimate: .estimated
          case .lists: .listed
          case .file(let path): .file(path)
          }
        return ClickWeightOptions(
          propensities: propensities, clip: weights.clip, isNormalized: weights.normalize)
      })
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
    guard case .lists(let lists) = data.train.source, lists.weights != nil else { return nil }
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

extension TrainingSource {
  fileprivate init(_ source: DataSource) {
    self.init(
      collection: source.collection, split: source.split, candidates: source.candidates,
      depth: source.depth)
  }
}
