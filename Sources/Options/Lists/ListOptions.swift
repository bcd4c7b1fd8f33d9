/// Where the documents of a list come from that are not relevant.
public enum NegativeSource: String, Sendable, CaseIterable {
  /// Documents judged below the grade of a positive.
  case judged
  /// Candidates of the first stage that are not judged.
  case candidates
  /// Any document of the training data.
  case random
}

/// How lists are put together.
public struct ListOptions: Sendable, Equatable {
  /// Documents a list.
  public var size: Int
  /// The most positives a list.
  public var positives: Int
  /// The grade from which a document is a positive.
  public var minimumGrade: Double
  /// Where the others come from, in turn.
  public var negatives: [NegativeSource]

  /// Options.
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
