import Diagnostics
import Files
import Lists
import Ranking
import Recipes

extension TrainingSources {
  /// The sources of a recipe.
  ///
  /// - Throws: `badRecipe` where there is no such encoding.
  init(_ section: DataSection) throws(Failure) {
    let train: Origin =
      switch section.train.source {
      case .judged(let source): .judged(try TrainingSource(source, "data.train"))
      case .lists(let source): .lists(try ListSource(source, "data.train"))
      }
    self.init(
      train: train, teacher: section.train.teacher,
      dev: try section.dev.map { source throws(Failure) in
        try TrainingSource(source, "data.dev")
      },
      test: try section.test.map { source throws(Failure) in
        try TrainingSource(source, "data.test")
      })
  }
}

extension ListSource {
  fileprivate init(_ source: ListsSource, _ key: String) throws(Failure) {
    self.init(
      file: source.file, collection: source.collection, clickWeights: source.weights)
    encoding = try TextEncoding(source.encoding, key: "\(key).encoding")
    ignoresIdenticalIDs = source.ignoreIdenticalIDs
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
  fileprivate init(_ source: DataSource, _ key: String) throws(Failure) {
    self.init(
      collection: source.collection, split: source.split, candidates: source.candidates,
      depth: source.depth)
    encoding = try TextEncoding(source.encoding, key: "\(key).encoding")
    ignoresIdenticalIDs = source.ignoreIdenticalIDs
  }
}
