import Batches
import Lists

/// What the data of a run is: its sizes, and how much of its texts a model reads.
public struct DataOverview: Sendable, Equatable {
  /// The items of a phase's first epoch, or of a split.
  public struct Part: Sendable, Equatable {
    /// "warm-up", "training", "dev" or "test".
    public var name: String
    /// The number of lists of an epoch, or of queries.
    public var lists: Int
    /// The number of steps; nil for a split.
    public var steps: Int?
    /// The number of pairs of a query and a document.
    public var pairs: Int
    /// The share of pairs that are longer than the maximum, from 0 to 1.
    public var truncatedShare: Double
    /// The median length of a pair before truncation, in units (tokens of texts).
    public var medianLength: Int
    /// The length of the longest pair before truncation.
    public var longest: Int
    /// The maximum length of a pair.
    public var maximumLength: Int
  }

  /// The phases in their order, then dev and test.
  public var parts: [Part]
}

extension TrainingData {
  /// An overview of phases and splits, from the lengths of all pairs.
  public var overview: DataOverview {
    var parts = phases.map { phase in
      let pairs = phase.lists(0).flatMap { list in
        list.documents.map { Pair(query: list.query, document: $0) }
      }
      return part(
        phase.name, lists: phase.listCount, steps: phase.steps, pairs, phase.maximumLength)
    }
    for case (let name, let evaluator?) in [("dev", dev), ("test", test)] {
      parts.append(
        part(
          name, lists: evaluator.queryCount, steps: nil, evaluator.pairs, evaluator.maximumLength))
    }
    return DataOverview(parts: parts)
  }

  private func part(
    _ name: String, lists: Int, steps: Int?, _ pairs: [Pair], _ maximumLength: Int
  ) -> DataOverview.Part {
    let lengths = pairs.map { source.length(of: $0, maximum: .max) }.sorted()
    return DataOverview.Part(
      name: name, lists: lists, steps: steps, pairs: pairs.count,
      truncatedShare: Double(lengths.count { $0 > maximumLength })
        / Double(max(lengths.count, 1)),
      medianLength: lengths.isEmpty ? 0 : lengths[lengths.count / 2],
      longest: lengths.last ?? 0, maximumLength: maximumLength)
  }
}
