public import Diagnostics

/// One query's result as measures see it: grades in ranked order, and all grades judged.
public struct RankedQuery: Sendable, Equatable {
  /// The grades of the retrieved documents, best rank first; nil for a document not judged.
  public let ranked: [Double?]
  /// The grades of all judged documents, retrieved or not, greatest first.
  public let judged: [Double]

  /// A result from its grades, in ranked order, and the judged grades, in any order.
  public init(ranked: [Double?], judged: [Double]) {
    self.ranked = ranked
    self.judged = judged.sorted(by: >)
  }

  /// The result of ordering scored documents as trec_eval does: by score, as a 32-bit number,
  /// descending; equal scores by document id, descending in bytes. O(n log n).
  ///
  /// - Throws: `Failure` (`.badData`) where a document comes twice or a score is not a number.
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
    let keys = retrieved.map { Float($0.score) }
    let order = retrieved.indices.sorted { a, b in
      if keys[a] != keys[b] { return keys[a] > keys[b] }
      return retrieved[b].document.utf8.lexicographicallyPrecedes(retrieved[a].document.utf8)
    }
    self.init(
      ranked: order.map { judgments[retrieved[$0].document] }, judged: Array(judgments.values))
  }

  /// The same documents in their best order: by grade, those not judged as grade 0.
  public var bestOrder: RankedQuery {
    RankedQuery(ranked: ranked.sorted { ($0 ?? 0) > ($1 ?? 0) }, judged: judged)
  }
}
