/// How clicked documents of lists are weighted, so that a model does not learn where they were
/// shown.
///
/// What stands at the top is looked at and clicked more often, whatever it is. A click at a place
/// that few look at stands for the many there would have been: it counts 1/p, with p the
/// probability that a user looks there (Joachims et al. 2017, Wang et al. 2018). What was not
/// clicked keeps its weight: it may be not relevant or not seen, and in a pairwise or listwise loss
/// it is only what the clicked documents are compared with.
public struct ClickWeightOptions: Sendable, Equatable {
  /// Where the probabilities come from.
  public enum Propensities: Sendable, Equatable {
    /// From the lists, where each document has its own.
    case listed
    /// (1/position) to the power of this.
    case power(Double)
    /// From the positions and clicks of the lists.
    case estimated
    /// From a file of positions and propensities.
    case file(String)
  }

  /// Where the probabilities come from.
  public var propensities: Propensities
  /// The largest weight, before they are normalised; nil for no limit. A few clicks at the bottom
  /// would otherwise outweigh everything: less variance, for some bias.
  public var clip: Double?
  /// Whether weights are divided by their mean over all clicks (Swaminathan and Joachims 2015), so
  /// that learning rates mean what they mean without weights.
  public var isNormalized: Bool

  /// Options.
  public init(propensities: Propensities, clip: Double? = 10, isNormalized: Bool = true) {
    self.propensities = propensities
    self.clip = clip
    self.isNormalized = isNormalized
  }
}
