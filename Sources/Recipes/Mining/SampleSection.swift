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

  static let keys = [
    "strategy", "count", "temperature", "bands", "shares", "prefer_judged", "refill", "seed",
  ]

  init(_ section: RecipeSection?) throws(Failure) {
    guard let section else { return }
    strategy = try section.choice("strategy") ?? strategy
    count = try section.integer("count", in: 1...100_000) ?? count
    for (key, needed) in [
      ("temperature", Strategy.softmax), ("bands", .rankBands), ("shares", .rankBands),
    ] where strategy != needed && section.node(key) != nil {
      throw Failure(
        .badRecipe, "'\(key)' is for the strategy '\(needed.rawValue)' alone",
        at: section.place(of: key), expected: "'strategy: \(needed.rawValue)', or no '\(key)'",
        remedy: "remove '\(key)'")
    }
    temperature = try section.number("temperature", .above(0)) ?? temperature
    bands = try section.ranks("bands") ?? bands
    shares = try section.numbers("shares", count: bands.count, .above(0))
    preferJudged = try section.flag("prefer_judged") ?? preferJudged
    refill = try section.choice("refill") ?? refill
    seed = try section.integer("seed", in: 0...Int.max).map { UInt64($0) } ?? seed
  }

  func write(to text: inout ResolvedText) {
    text.add("strategy", strategy.rawValue)
    text.add("count", count)
    text.add("temperature", strategy == .softmax ? temperature : nil)
    if strategy == .rankBands {
      text.add("bands", bands.map(Double.init))
      if let shares { text.add("shares", shares) } else { text.add("shares", nil as String?) }
    } else {
      text.add("bands", nil as String?)
      text.add("shares", nil as String?)
    }
    text.add("prefer_judged", preferJudged)
    text.add("refill", refill.rawValue)
    text.add("seed", Int(seed))
  }
}

extension RecipeSection {
  /// Ascending ranks at `key`.
  func ranks(_ key: String) throws(Failure) -> [Int]? {
    guard let node = node(key) else { return nil }
    let expected = "a list of ascending whole numbers from 1 up, such as [10, 30, 100]"
    guard case .list(let items) = node.content, !items.isEmpty else {
      throw wrong(key, node, expected: expected)
    }
    var ranks: [Int] = []
    for item in items {
      guard case .word(let text, quoted: false) = item.content, let rank = Int(text),
        rank > ranks.last ?? 0
      else { throw wrong(key, item, expected: expected) }
      ranks.append(rank)
    }
    return ranks
  }
}
