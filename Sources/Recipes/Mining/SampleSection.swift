import Diagnostics

/// `sample`: which of the candidates that are left are taken.
public struct SampleSection: Sendable, Equatable {
  /// The order in which they are taken.
  public enum Strategy: String, Sendable, CaseIterable {
    /// The highest ranks first.
    case top
    /// All are equally likely.
    case random
    /// Uniform over the logarithm of the rank.
    case logRandom = "log_random"
    /// As likely as exp(score / temperature).
    case softmax
    /// A share from each of several bands of ranks.
    case rankBands = "rank_bands"
    /// A share of each grade, and of those nobody judged.
    case grades
  }

  /// What makes up for candidates that are missing.
  public enum Refill: String, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// Documents drawn from the whole corpus.
    case random
  }

  /// The order in which they are taken.
  public var strategy = Strategy.top
  /// Negatives of a query.
  public var count = 8
  /// The temperature of `softmax`.
  public var temperature = 1.0
  /// Where the bands of `rank_bands` end.
  public var bands = [10, 30, 100]
  /// What share of the negatives each band gives; nil for equal ones.
  public var shares: [Double]?
  /// Whether candidates judged not relevant come first, and pass every filter.
  public var preferJudged = false
  /// What makes up for candidates that are missing.
  public var refill = Refill.none
  /// What all random choices come from.
  public var seed: UInt64 = 7
}

extension SampleSection: Section {
  static let defaults = SampleSection()

  static let options: [Option<SampleSection>] = [
    .init(
      "strategy", \.strategy, .choice,
      "the order in which candidates are taken: log_random draws over ranks, softmax over scores, "
        + "rank_bands and grades a share of each band or grade"),
    .init("count", \.count, .integer(1...100_000), "negatives of a query"),
    .init(
      "temperature", \.temperature, .number(.above(0)),
      "of softmax alone, 1 there: the higher, the more alike all candidates are"
    ).null { $0.strategy != .softmax },
    .init(
      "bands", \.bands, .ranks, "of rank_bands alone, [10, 30, 100] there: the ranks they end with"
    ).null { $0.strategy != .rankBands },
    .optional(
      "shares", \.shares, given: { .numbers(count: $0.bands.count, .above(0)) },
      "of rank_bands alone: a number for each band; null for equal parts"
    ).null { $0.strategy != .rankBands },
    .init(
      "prefer_judged", \.preferJudged, .flag,
      "candidates judged not relevant first, whatever the filters say"),
    .init(
      "refill", \.refill, .choice, "what makes up for candidates that are missing"
    ).shown(as: "random"),
    .init("seed", \.seed, .seed, "the same seed gives a query the same negatives"),
  ]

  func admit(_ key: String, in section: RecipeSection) throws(Failure) {
    let needed: [String: Strategy] = [
      "temperature": .softmax, "bands": .rankBands, "shares": .rankBands,
    ]
    guard let needed = needed[key], strategy != needed else { return }
    throw Failure(
      .badRecipe, "'\(key)' is for the strategy '\(needed.rawValue)' alone",
      at: section.place(of: key), expected: "'strategy: \(needed.rawValue)', or no '\(key)'",
      remedy: "remove '\(key)'")
  }
}
