package import Randomness

/// Documents of a query in bands of equally many, from the highest scores to the lowest: the quantiles
/// of a teacher's scores (arXiv 2604.04734), so that a list covers all of them and not only the head.
package struct ScoreBands: Sendable {
  /// The places of the documents, band by band; each band has at least one.
  package let bands: [[Int]]

  /// Divides documents by their scores, of which NaN stands for none: those are last, in the order in
  /// which they are given. Equal scores keep that order too. With fewer documents than bands, each is a
  /// band.
  package init(_ scores: [Double], count: Int) {
    let ranked = scores.indices.sorted { a, b in
      let (left, right) = (scores[a], scores[b])
      if left.isNaN || right.isNaN { return left.isNaN == right.isNaN ? a < b : right.isNaN }
      return left != right ? left > right : a < b
    }
    let used = min(count, ranked.count)
    bands = (0..<used).map { band in
      Array(ranked[band * ranked.count / used..<(band + 1) * ranked.count / used])
    }
  }

  /// The places in the order of drawing: one of each band in turn, at random within a band, beginning
  /// with a band at random.
  package func drawn(using random: inout SplitMix64) -> [Int] {
    guard !bands.isEmpty else { return [] }
    let first = random.below(bands.count)
    let shuffled = bands.map { $0.shuffled(with: &random) }
    let rounds = bands.map(\.count).max() ?? 0
    var order: [Int] = []
    for round in 0..<rounds {
      for offset in bands.indices {
        let band = shuffled[(first + offset) % bands.count]
        if round < band.count { order.append(band[round]) }
      }
    }
    return order
  }
}
