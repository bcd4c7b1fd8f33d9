import Corpora
import Foundation
import Options
import Randomness

/// The random numbers of one query. They depend only on the seed, the query's id and a document's
/// id, so that a shard, a resumed run and a run with different filters draw the same.
struct Draw {
  private let seed: UInt64
  private let query: UInt64

  init(seed: UInt64, query: String) {
    self.seed = seed
    self.query = stableHash(query)
  }

  /// A number in (0, 1) for a document.
  func uniform(_ document: String) -> Double {
    var generator = SplitMix64(seed: seed, stream: query, stableHash(document))
    return (Double(generator.next() >> 12) + 0.5) * 0x1p-52
  }

  /// A generator for other random choices.
  func generator(_ purpose: UInt64) -> SplitMix64 {
    SplitMix64(seed: seed, stream: query, purpose)
  }

  /// The sort key of a document, highest first. In this order, documents of weight w are drawn
  /// without replacement in proportion to w (Gumbel's trick, Efraimidis and Spirakis 2006);
  /// removing some does not change the probabilities of the others.
  func key(_ document: String, rank: Int, score: Double, _ strategy: Sampling.Strategy) -> Double {
    let weight: Double
    switch strategy {
    case .top: return -Double(rank)
    case .random, .rankBands, .grades, .quantiles: weight = 0
    case .logRandom: weight = log(log1p(1 / Double(rank)))
    case .softmax(let temperature): weight = score / temperature
    }
    return weight - log(-log(uniform(document)))
  }
}

/// A queue of candidates and the number wanted from it.
struct Lane {
  /// The candidates, the next one at the end.
  var queue: [Int]
  /// The number still wanted.
  var wanted: Int
  /// The number of the lane's source.
  let source: Int
}

extension Sampling {
  /// The candidates of one source in lanes, in drawing order.
  ///
  /// - Parameters:
  ///   - ranked: the remaining candidates, with their grades if judged.
  ///   - count: the total number wanted.
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
    // Last to first, since lanes are drawn from their ends.
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
    case .quantiles(let bands):
      let parts = Self.quantiles(ranked, bands)
      let counts = Self.parts(of: count, parts.map { _ in 1 })
      return parts.indices.map { band in
        let queue = ordered.filter { parts[band].contains($0.number) }
        return Lane(queue: queue.map(\.number), wanted: counts[band], source: source)
      }
    case .grades:
      // Judged candidates first, in descending order of grade; unjudged ones last.
      let grades = Set(ranked.compactMap(\.grade)).sorted(by: >).map(Optional.some)
      let strata = grades + (ranked.contains { $0.grade == nil } ? [nil] : [])
      let parts = Self.parts(of: count, strata.map { _ in 1 })
      return strata.indices.map { stratum in
        let queue = ordered.filter { $0.grade == strata[stratum] }
        return Lane(queue: queue.map(\.number), wanted: parts[stratum], source: source)
      }
    }
  }

  /// The numbers of candidates in bands of equally many, from the highest scores to the lowest: the
  /// teacher's, or without one the source's. Of equal scores, the better rank is first.
  static func quantiles(_ ranked: [RankedCandidate], _ count: Int) -> [Set<Int>] {
    let sorted = ranked.sorted { a, b in
      let (left, right) = (a.teacher ?? a.score, b.teacher ?? b.score)
      return left != right ? left > right : a.rank < b.rank
    }.map(\.number)
    let used = min(count, sorted.count)
    return (0..<used).map { band in
      Set(sorted[band * sorted.count / used..<(band + 1) * sorted.count / used])
    }
  }

  /// Whether the order of drawing depends on the teacher's scores of all candidates.
  var asksTeacherFirst: Bool { if case .quantiles = strategy { true } else { false } }

  /// Divides an integer into parts in proportion to `shares`; the remainder goes to the parts with
  /// the largest fractions, among equal ones to the first.
  static func parts(of count: Int, _ shares: [Double]) -> [Int] {
    // Normalised by the largest share, so that the sum is finite.
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
  /// Its candidate number.
  let number: Int
  let document: String
  let rank: Int
  let score: Double
  let grade: Double?
  /// The teacher's score, if candidates are divided by it.
  var teacher: Double?
}
