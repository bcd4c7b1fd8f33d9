/// Weights of clicked documents in lists, so that a model does not learn the position at which they
/// were shown.
///
/// Documents at the top are viewed and clicked more often, regardless of relevance. A click at a
/// position that few users examine represents many that were not made: it is weighted by 1/p, with
/// p the probability that a user examines the position (Joachims et al. 2017, Wang et al. 2018).
/// Documents without a click retain their weight: they may be irrelevant or unseen, and a pairwise
/// or listwise loss uses them only for comparison with the clicked ones.
public struct ClickWeightOptions: Sendable, Equatable {
  /// The source of the examination probabilities.
  public enum Propensities: Sendable, Equatable {
    /// The lists, which give each document its own.
    case listed
    /// A power law: (1/position)^exponent.
    case power(Double)
    /// An estimate from the positions and clicks of the lists.
    case estimated
    /// A file of positions and propensities.
    case file(String)
  }

  /// The source of the examination probabilities.
  public var propensities: Propensities
  /// The largest weight, before normalisation; nil for no limit. Without a limit a few clicks at
  /// the bottom may dominate: clipping trades variance for bias.
  public var clip: Double?
  /// Whether weights are divided by their mean over all clicks (Swaminathan and Joachims 2015), so
  /// that learning rates have the same effect as without weights.
  public var isNormalized: Bool

  /// Options of click weights.
  public init(propensities: Propensities, clip: Double? = 10, isNormalized: Bool = true) {
    self.propensities = propensities
    self.clip = clip
    self.isNormalized = isNormalized
  }
}
