/// The probability that a user examines a position, estimated only from a log.
///
/// The position-based model (Craswell et al. 2008) assumes that a document is clicked if it is
/// examined and found relevant: P(click) = θ of the position · γ of query and document. θ and γ can
/// be separated if the same query and document were shown at several positions. A γ for every pair,
/// however, gives as many unknowns as observations: with a few impressions per pair, the
/// maximum-likelihood θ is biased, however long the log (Neyman and Scott 1948). Therefore the
/// pairs that were shown both at k and at l are pooled, with one γ for their mean relevance, which
/// is the same at both positions (intervention harvesting, Agarwal et al. 2019, AllPairs), and θ
/// and the γ of these sets are fitted by expectation maximisation.
///
/// A pair has the weight m = n_k·n_l / (n_k + n_l) in the set of k and l, with n its impressions at
/// each: the same at both positions, so that the mixture of documents is the same, and larger for
/// pairs that carry more information.
public struct PositionBias: Sendable, Equatable {
  /// θ by position, relative to the first of them; only for positions that can be compared.
  public let propensities: [Int: Double]
  /// The number of pairs of query and document shown at several positions.
  public let pairs: Int
  /// The positions of the log that cannot be compared with the others: no clicked document was
  /// shown both there and elsewhere.
  public let unlinked: [Int]

  /// The pairs that were shown at two positions.
  private struct Intervention {
    /// Indices of the two positions.
    var positions: (Int, Int)
    /// Σ m, and Σ m · clicks / impressions at either position.
    var mass = 0.0
    var clicks = (0.0, 0.0)
  }

  /// Fits the model to a log. Nil if the log does not determine it: no pair was shown at two
  /// positions and clicked.
  ///
  /// - Complexity: O(K²) per iteration for K positions; it iterates until no θ changes by more than
  ///   a billionth of its value, at most 100,000 times. Reading the log is linear.
  public init?(_ log: ClickLog) {
    let positions = Set(log.counts.lazy.joined().map(\.position)).sorted()
    let index = Dictionary(
      uniqueKeysWithValues: positions.enumerated().map { ($0.element, $0.offset) })
    var (sets, pairs) = Self.interventions(log, index)
    sets.removeAll { $0.clicks.0 + $0.clicks.1 == 0 }
    let members = Self.linked(sets, count: positions.count)
    guard let first = members.first else { return nil }
    sets.removeAll { !(members.contains($0.positions.0) && members.contains($0.positions.1)) }
    let theta = Self.fit(sets, count: positions.count)
    var result: [Int: Double] = [:]
    for i in members { result[positions[i]] = theta[i] / theta[first] }
    propensities = result
    unlinked = positions.filter { result[$0] == nil }
    self.pairs = pairs
  }

  private static func interventions(
    _ log: ClickLog, _ index: [Int: Int]
  ) -> (sets: [Intervention], pairs: Int) {
    var sets: [Int: Intervention] = [:]
    var pairs = 0
    for counts in log.counts {
      let counts = counts.sorted { $0.position < $1.position }
      if counts.count > 1 { pairs += 1 }
      for (a, upper) in counts.enumerated() {
        for lower in counts[(a + 1)...] {
          guard let k = index[upper.position], let l = index[lower.position] else { continue }
          let shown = (Double(upper.shown), Double(lower.shown))
          let mass = shown.0 * shown.1 / (shown.0 + shown.1)
          var set = sets[k * index.count + l] ?? Intervention(positions: (k, l))
          set.mass += mass
          set.clicks.0 += mass * Double(upper.clicked) / shown.0
          set.clicks.1 += mass * Double(lower.clicked) / shown.1
          sets[k * index.count + l] = set
        }
      }
    }
    return (sets.values.sorted { $0.positions < $1.positions }, pairs)
  }

  /// The largest group of positions connected by documents that were clicked at both: a set with
  /// clicks at only one of its positions gives no ratio, since it would put the other position's
  /// examination probability at 0.
  private static func linked(_ sets: [Intervention], count: Int) -> [Int] {
    var group = Array(0..<count)
    for set in sets where set.clicks.0 > 0 && set.clicks.1 > 0 {
      let (old, new) = (group[set.positions.1], group[set.positions.0])
      for i in group.indices where group[i] == old { group[i] = new }
    }
    let groups = Dictionary(grouping: 0..<count, by: { group[$0] }).values
    let largest = groups.filter { $0.count > 1 }.max {
      ($0.count, $1[0]) < ($1.count, $0[0])
    }
    return largest?.sorted() ?? []
  }

  /// Expectation maximisation: a document without a click was not examined or not relevant, in the
  /// proportion given by θ and γ; then θ and γ become the shares examined and relevant.
  private static func fit(_ sets: [Intervention], count: Int) -> [Double] {
    var theta = [Double](repeating: 0.5, count: count)
    var gamma = [Double](repeating: 0.5, count: sets.count)
    var seen = [Double](repeating: 0, count: count)
    var mass = seen
    for set in sets {
      mass[set.positions.0] += set.mass
      mass[set.positions.1] += set.mass
    }
    for _ in 0..<100_000 {
      for k in 0..<count { seen[k] = 0 }
      for (s, set) in sets.enumerated() {
        var relevant = 0.0
        func add(_ k: Int, _ clicks: Double) {
          let (t, g) = (theta[k], gamma[s])
          let notClicked = (set.mass - clicks) / max(1 - t * g, .leastNormalMagnitude)
          seen[k] += clicks + notClicked * t * (1 - g)
          relevant += clicks + notClicked * g * (1 - t)
        }
        add(set.positions.0, set.clicks.0)
        add(set.positions.1, set.clicks.1)
        gamma[s] = min(1, relevant / (2 * set.mass))
      }
      var change = 0.0
      for k in 0..<count where mass[k] > 0 {
        let new = min(1, seen[k] / mass[k])
        change = max(change, abs(new - theta[k]) / new)
        theta[k] = new
      }
      if change < 1e-9 { break }
    }
    return theta
  }
}
