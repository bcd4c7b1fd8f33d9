import Randomness

/// A training list: a query, documents, and the relevance of each; `ListSampler` makes those of an
/// epoch.
public struct TrainingList: Sendable, Equatable {
  /// The number of the query.
  public var query: Int
  /// The numbers of the documents.
  public var documents: [Int]
  /// The grade of each document; in a warm-up a teacher's score.
  public var labels: [Double]
  /// A teacher's score of each document, NaN if it has none; empty if there is no teacher.
  public var teachers: [Double] = []
  /// The first stage's score of each document, which is added to the model's in the loss; empty if
  /// nothing is added.
  public var firstStage: [Double] = []
  /// The weight of each document's part of the loss; empty if all are 1.
  public var weights: [Double] = []
  /// The weight of the list's part of the loss.
  public var weight = 1.0

  /// A list with one label per document.
  public init(query: Int, documents: [Int], labels: [Double]) {
    precondition(documents.count == labels.count && !documents.isEmpty, "an uneven or empty list")
    self.query = query
    self.documents = documents
    self.labels = labels
  }
}

extension [TrainingList] {
  /// The lists in the random order of an epoch.
  package func reordered(seed: UInt64, epoch: Int) -> [TrainingList] {
    var random = SplitMix64(seed: seed, stream: 5, UInt64(epoch))
    return shuffled(with: &random)
  }
}
