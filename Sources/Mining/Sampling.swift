import Foundation
import Options
import Randomness

/// The random numbers of one query: they depend on the seed, the query's id and a document's id
/// alone, so that a shard, a resumed run and one with other filters draw the same.
struct Draw {
  private let seed: UInt64
  private let query: UInt64

  init(seed: UInt64, query: String) {
    self.seed = seed
    self.query = stableHash(query)
  }

  /// A number above 0 and below 1 for a document.
  func uniform(_ document: String) -> Double {
    var generator = SplitMix64(seed: seed, stream: query, stableHash(document))
    return (Double(generator.next() >> 12) + 0.5) * 0x1p-52
  }

  /// Numbers for whatever else is drawn.
  func generator(_ purpose: UInt64) -> SplitMix64 {
    SplitMix64(seed: seed, stream: query, purpose)
  }

  /// What a document is ordered by, highest first. Taken one after the other, documents of a weight
  /// w are drawn without replacement in proportion to it (Gumbel's trick, Efraimidis and Spirakis
  /// 2006); leaving some out leaves the others' chances as they would be without them.
  func key(_ document: String, rank: Int, score: Double, _ strategy: Sampling.Strategy) -> Double {
    let weight: Double
    switch strategy {
    case .top: return -Double(rank)
    case .random, .rankBands, .grades: weight = 0
    case .logRandom: weight = log(log1p(1 / Double(rank)))
    case .softmax(let temperature): weight = score / temperature
    }
    return weight - log(-log(uniform(document)))
  }
}

/// Candidates of one kind and how many of them are wanted.
struct Lane {
  /// The candidates, the next at the end.
  var queue: [Int]
  /// How many are still wanted.
  var wanted: Int
  /// Which source it belongs to.
  let source: Int
}

extension Sampling {
  /// The candidates of one source in lanes, in the order they are to be taken.
  ///
  /// - Parameters:
  ///   - ranked: the candidates that are left: number, document, rank, score, grade if judged.
  ///   - count: how many are wanted in all.
  func lanes(
    _ ranked: [RankedCandidate], count: Int, source: Int, draw: Draw
  ) -> [Lane] {
    let keyed = ranked.map { candidate in
      (
        candidate,
        key: draw.key(
          candidate.document, rank: candidate.rank, score: candidate.score, strategy)
      )
    }
    // Last to first, since lanes are taken from their ends.
    let ordered = keyed.sorted { a, b in
      if prefersJudged, (a.0.grade != nil) != (b.0.grade != nil) { return a.0.grade == nil }
      return a.key != b.key ? a.key < b.key : a.0.rank > b.0.rank
    }.map(\.0)
    switch strategy {
    case .top, .random, .logRandom, .softmax:
      return [Lane(queue: ordered.map(\.number), wanted: count, source: source)]
    case .rankBands(let bands, let shares):
      let parts = Self.parts(of: count, shares ?? bands.map { _ in 1 })
      return bands.indices.map { band in
        let first = band == 0 ? 1 : bands[band - 1] + 1
        let last = band == bands.count - 1 ? Int.max : bands[band]
        let queue = ordered.filter { $0.rank >= first && $0.rank <= last }
        return Lane(queue: queue.map(\.number), wanted: parts[band], source: source)
      }
    case .grades:
      // Judged ones first, from the highest grade down; unjudged ones last.
      let grades = Set(ranked.compactMap(\.grade)).sorted(by: >).map(Optional.some)
      let strata = grades + (ranked.contains { $0.grade == nil } ? [nil] : [])
      let parts = Self.parts(of: count, strata.map { _ in 1 })
      return strata.indices.map { stratum in
        let queue = ordered.filter { $0.grade == strata[stratum] }
        return Lane(queue: queue.map(\.number), wanted: parts[stratum], source: source)
      }
    }
  }

  /// A whole number cut in parts of these shares; what is left over goes to the largest remainders,
  /// of equal ones to the first.
  static func parts(of count: Int, _ shares: [Double]) -> [Int] {
    // Divided by the largest, so that their sum is a number whatever they are.
    let largest = shares.max() ?? 1
    let scaled = shares.map { $0 / largest }
    let sum = scaled.reduce(0, +)
    let exact = scaled.map { Double(count) * $0 / sum }
    var parts = exact.map { Int($0) }
    let order = exact.indices.sorted { a, b in
      let (left, right) = (exact[a] - Double(parts[a]), exact[b] - Double(parts[b]))
      return left != right ? left > right : a < b
    }
    for index in order.prefix(count - parts.reduce(0, +)) { parts[index] += 1 }
    return parts
  }
}

/// A candidate as one source ranks it.
struct RankedCandidate {
  /// Its place among the query's candidates.
  let number: Int
  let document: String
  let rank: Int
  let score: Double
  let grade: Double?
}
