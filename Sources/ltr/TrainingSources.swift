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

extension TrainingSource {
  fileprivate init(_ source: DataSource) {
    self.init(
      collection: source.collection, split: source.split, candidates: source.candidates,
      depth: source.depth)
  }
}
