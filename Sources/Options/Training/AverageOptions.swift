/// Averages of weights; each applies to the result of those before it.
public struct AverageOptions: Sendable, Equatable {
  /// The share of an exponential moving average of the weights that a step retains (Polyak and
  /// Juditsky, 1992): above 0 and below 1. Nil for none.
  public var ema: Double?
  /// The number of evaluated models, the best on dev, from which an average is made (Wortsman et
  /// al., 2022, "Model soups"). Nil for none.
  public var checkpoints: Int?
  /// The shares of the trained weights in a sum with those of the base model, above 0 and up to 1
  /// (Wortsman et al., 2022, "WiSE-FT"). One is applied; of several, dev decides. Empty for none.
  public var base: [Double]

  /// Averages; none by default.
  public init(ema: Double? = nil, checkpoints: Int? = nil, base: [Double] = []) {
    (self.ema, self.checkpoints, self.base) = (ema, checkpoints, base)
  }

  /// Whether nothing is averaged.
  public var isEmpty: Bool { ema == nil && checkpoints == nil && base.isEmpty }
}
