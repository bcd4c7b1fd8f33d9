/// How judged queries are divided into train, dev and test where a collection has no such splits:
/// `data.train.split: { share: 0.8, seed: 7 }`.
///
/// Queries with the same or nearly the same words stay together.
public struct SplitShares: Sendable, Equatable {
  /// A part of the division.
  public enum Part: String, Sendable, CaseIterable {
    /// The queries to train on.
    case train
    /// The queries on which the best model is selected.
    case dev
    /// The queries on which the selected model is measured.
    case test
  }

  /// The share of queries for training.
  public var share = 0.8
  /// The share of queries for test; nil for half of what training leaves. The rest is dev.
  public var test: Double?
  /// The seed of the division.
  public var seed: UInt64 = 0
  /// The similarity from which two queries stay together: the Jaccard similarity of the sets of
  /// their words' trigrams, 1 for the same words alone.
  public var near = 0.8
  /// The split to divide; nil for the only one.
  public var of: String?

  /// Four fifths for training, and a tenth each for dev and test.
  public init() {}

  /// The share that training leaves.
  public var rest: Double { Self.rounded(1 - share) }

  /// The share of a part.
  public func share(of part: Part) -> Double {
    let test = test ?? Self.rounded(rest / 2)
    return switch part {
    case .train: share
    case .dev: Self.rounded(1 - share - test)
    case .test: test
    }
  }

  /// A multiple of 10⁻⁹, so that 1 − 0.8 is 0.2.
  private static func rounded(_ share: Double) -> Double { (share * 1e9).rounded() / 1e9 }
}
