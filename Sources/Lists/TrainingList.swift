import Randomness

/// One list to learn from: a query, documents, and how relevant each is.
public struct TrainingList: Sendable, Equatable {
  /// The number of the query.
  public var query: Int
  /// The numbers of the documents.
  public var documents: [Int]
  /// The grade of each document; in a warm-up a teacher's score.
  public var labels: [Double]
  /// A teacher's score of each document, NaN where it has none; empty where there is no teacher.
  public var teachers: [Double] = []
  /// What each document's part of the loss is multiplied by; empty for 1.
  public var weights: [Double] = []
  /// What the list's part of the loss is multiplied by.
  public var weight = 1.0

  /// A list; as many labels as documents.
  public init(query: Int, documents: [Int], labels: [Double]) {
    precondition(documents.count == labels.count && !documents.isEmpty, "an uneven or empty list")
    self.query = query
    self.documents = documents
    self.labels = labels
  }
}

extension [TrainingList] {
  /// The lists in the order of an epoch.
  package func reordered(seed: UInt64, epoch: Int) -> [TrainingList] {
    var random = SplitMix64(seed: seed, stream: 5, UInt64(epoch))
    return shuffled(with: &random)
  }
}
