public import Diagnostics

extension RankedQuery {
  /// The result of ordering scored documents as trec_eval does: by score, as a 32-bit number,
  /// descending; equal scores by document id, descending in bytes. O(n log n).
  ///
  /// - Throws: `Failure` (`.badData`) if a document is a duplicate or a score is NaN.
  public init(
    _ retrieved: [(document: String, score: Double)], judgments: [String: Double]
  ) throws(Failure) {
    var seen = Set<String>(minimumCapacity: retrieved.count)
    for (document, score) in retrieved {
      guard seen.insert(document).inserted else {
        throw Failure(
          .badData, "the document '\(document)' is retrieved twice",
          expected: "each document at most once for a query", remedy: "remove the duplicate")
      }
      guard !score.isNaN else {
        throw Failure(.badData, "the score of the document '\(document)' is not a number")
      }
    }
    self.init(
      scores: retrieved.map(\.score), grades: retrieved.map { judgments[$0.document] },
      judged: Array(judgments.values)
    ) { a, b in
      retrieved[a].document.utf8.lexicographicallyPrecedes(retrieved[b].document.utf8)
    }
  }

  /// The same from parallel arrays of scores and grades, `[n]`. O(n) if they are sorted.
  ///
  /// - Parameters:
  ///   - scores: any numbers but NaN.
  ///   - grades: nil for an unjudged document.
  ///   - judged: the grades of all judged documents, in any order.
  ///   - precedes: whether the id of document a precedes that of document b, both given by index
  ///     from 0.
  public init(
    scores: [Double], grades: [Double?], judged: [Double],
    precedes: (_ a: Int, _ b: Int) -> Bool
  ) {
    precondition(scores.count == grades.count, "RankedQuery: a score and a grade a document")
    // Score and index combined in one number, smaller for higher ranks: 64-bit numbers are compared
    // several times faster than scores through a closure.
    var keys: [UInt64] = []
    keys.reserveCapacity(scores.count)
    for (place, score) in scores.enumerated() {
      keys.append(UInt64(Self.descending(Float(score))) << 32 | UInt64(place))
    }
    if !zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }) { keys.sort() }
    var start = 0
    while start < keys.count {
      var end = start + 1
      while end < keys.count, keys[end] >> 32 == keys[start] >> 32 { end += 1 }
      if end - start > 1 {
        keys[start..<end].sort {
          precedes(Int(UInt32(truncatingIfNeeded: $1)), Int(UInt32(truncatingIfNeeded: $0)))
        }
      }
      start = end
    }
    self.init(ranked: keys.map { grades[Int(UInt32(truncatingIfNeeded: $0))] }, judged: judged)
  }

  /// A number that is smaller for a greater score; equal for equal scores, including +0 and −0.
  private static func descending(_ score: Float) -> UInt32 {
    let bits = (score == 0 ? 0 : score).bitPattern
    return bits >> 31 == 0 ? ~(bits | 1 << 31) : bits
  }
}
