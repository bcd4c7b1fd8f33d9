/// The source of a list's documents that are not positives.
public enum NegativeSource: String, Sendable, CaseIterable {
  /// Documents judged below the grade of a positive.
  case judged
  /// Unjudged candidates of the first stage.
  case candidates
  /// Any document of the training data.
  case random
}

/// The composition of training lists.
public struct ListOptions: Sendable, Equatable {
  /// The number of documents per list.
  public var size: Int
  /// The maximum number of positives per list.
  public var positives: Int
  /// The lowest grade of a positive.
  public var minimumGrade: Double
  /// The sources of the other documents, used in turn.
  public var negatives: [NegativeSource]
  /// The choice among a query's candidates; nil to draw all of them alike.
  public var sampling: ListSampling?

  /// Options of lists.
  public init(
    size: Int = 8, positives: Int = 2, minimumGrade: Double = 1,
    negatives: [NegativeSource] = [.judged, .candidates]
  ) {
    self.size = size
    self.positives = positives
    self.minimumGrade = minimumGrade
    self.negatives = negatives
  }
}

/// The choice among a query's candidates by a teacher's scores, or by the first stage's without a
/// teacher.
public struct ListSampling: Sendable, Equatable {
  /// The number of bands of equally many candidates, from the highest scores to the lowest, from which
  /// a list draws in turn.
  public var quantiles = 4

  /// Four bands.
  public init() {}
}
