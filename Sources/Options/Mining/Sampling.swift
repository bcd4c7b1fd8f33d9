/// The selection of negatives from the remaining candidates.
public struct Sampling: Sendable, Equatable {
  /// The order in which a query's candidates are drawn, without replacement.
  public enum Strategy: Sendable, Equatable {
    /// The highest ranks first.
    case top
    /// All candidates are equally likely.
    case random
    /// Uniform over the logarithm of the rank: the weight of rank r is log((r + 1) / r).
    case logRandom
    /// The weight is exp(score / temperature).
    case softmax(temperature: Double = 1)
    /// A share from each band of ranks, at random within the band. A band ends at its number and
    /// starts after the previous one; the last ends with the candidates.
    case rankBands([Int] = [10, 30, 100], shares: [Double]? = nil)
    /// Equal shares from each grade among the candidates and from the unjudged ones, at random.
    case grades
    /// Equal shares from bands of equally many candidates by the teacher's scores, or by the source's
    /// without a teacher, at random within the band (arXiv 2604.04734).
    case quantiles(Int = 4)
  }

  /// The order of drawing.
  public var strategy = Strategy.top
  /// The number of negatives per query.
  public var count = 8
  /// Whether candidates judged not relevant come first and are exempt from the filters.
  public var prefersJudged = false
  /// Whether documents drawn from the whole corpus replace missing negatives.
  public var refills = false
  /// The seed of all random choices.
  public var seed: UInt64 = 7

  /// The default: the first eight candidates.
  public init() {}
}
