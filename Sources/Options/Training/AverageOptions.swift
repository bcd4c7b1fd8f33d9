/// Averages of weights; each applies to the result of those before it.
public struct AverageOptions: Sendable, Equatable {
  /// The shares of the trained weights in a sum with those of the base model (Wortsman et al., 2022,
  /// "WiSE-FT").
  public enum BaseShares: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// Shares above 0 and up to 1. One is applied; of several, dev decides. Empty for no sum.
    case given([Double])
    /// The best share on dev of a ladder from 1 to 0, at which the model is the base itself.
    case dev

    /// Given shares.
    public init(arrayLiteral shares: Double...) { self = .given(shares) }

    /// Whether there is no sum.
    public var isEmpty: Bool { self == .given([]) }

    /// Whether dev chooses the share.
    public var isChosen: Bool {
      switch self {
      case .given(let shares): shares.count > 1
      case .dev: true
      }
    }

    /// The shares to measure, the largest first: neither 1 nor 0, whose scores are known.
    public var measured: [Double] {
      switch self {
      case .given(let shares): shares.filter { $0 < 1 }.sorted(by: >)
      case .dev: (1...9).reversed().map { Double($0) / 10 }
      }
    }
  }

  /// The share of an exponential moving average of the weights that a step retains (Polyak and
  /// Juditsky, 1992): above 0 and below 1. Nil for none.
  public var ema: Double?
  /// The number of evaluated models, the best on dev, from which an average is made (Wortsman et
  /// al., 2022, "Model soups"). Nil for none.
  public var checkpoints: Int?
  /// The shares of the trained weights in a sum with those of the base model.
  public var base: BaseShares

  /// Averages; none by default.
  public init(ema: Double? = nil, checkpoints: Int? = nil, base: BaseShares = []) {
    (self.ema, self.checkpoints, self.base) = (ema, checkpoints, base)
  }

  /// Whether nothing is averaged.
  public var isEmpty: Bool { ema == nil && checkpoints == nil && base.isEmpty }
}
