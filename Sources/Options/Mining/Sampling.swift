/// Which of the candidates that are left are taken.
public struct Sampling: Sendable, Equatable {
  /// The order in which candidates of a query are taken, without replacement.
  public enum Strategy: Sendable, Equatable {
    /// The highest ranks first.
    case top
    /// All are equally likely.
    case random
    /// Uniform over the logarithm of the rank: rank r is as likely as log((r + 1) / r).
    case logRandom
    /// As likely as exp(score / temperature).
    case softmax(temperature: Double = 1)
    /// A share from each band of ranks, at random within it. A band ends at its number and starts
    /// behind the one before; the last ends with the candidates.
    case rankBands([Int] = [10, 30, 100], shares: [Double]? = nil)
    /// An equal share of each grade among the candidates, and of those without one, at random.
    case grades
  }

  /// The order.
  public var strategy = Strategy.top
  /// How many negatives a query has.
  public var count = 8
  /// Whether candidates judged not relevant come first and need not pass the filters.
  public var prefersJudged = false
  /// Whether documents drawn from the whole corpus make up for what is missing.
  public var refills = false
  /// The seed of all random choices.
  public var seed: UInt64 = 7

  /// The first eight.
  public init() {}
}
