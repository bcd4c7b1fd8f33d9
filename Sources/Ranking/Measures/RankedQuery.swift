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

  private init(ranked: [Double?], sorted: [Double]) {
    (self.ranked, judged) = (ranked, sorted)
  }

  /// The same documents in their best order: by grade, those not judged as grade 0. O(n), and
  /// O(r log r) for the r grades that are not 0, which are few.
  public var bestOrder: RankedQuery {
    var (above, level, below): ([Double?], [Double?], [Double?]) = ([], [], [])
    for grade in ranked {
      let known = grade ?? 0
      if known > 0 {
        above.append(grade)
      } else if known < 0 {
        below.append(grade)
      } else {
        level.append(grade)
      }
    }
    above.sort { ($0 ?? 0) > ($1 ?? 0) }
    below.sort { ($0 ?? 0) > ($1 ?? 0) }
    return RankedQuery(ranked: above + level + below, sorted: judged)
  }

  /// The result without unjudged documents; a negative grade says, as in trec_eval,
  /// that a document was in the pool and not judged (trec_eval's `-J`).
  public var judgedOnly: RankedQuery {
    RankedQuery(ranked: ranked.filter { ($0 ?? -1) >= 0 }, sorted: judged)
  }

  /// The result cut off below a rank.
  public func prefix(_ depth: Int) -> RankedQuery {
    RankedQuery(ranked: Array(ranked.prefix(depth)), sorted: judged)
  }

  /// The first `cutoff` grades; all where it is nil.
  func top(_ cutoff: Int?) -> ArraySlice<Double?> { ranked.prefix(cutoff ?? .max) }

  /// How many judged documents have at least this grade.
  func relevantCount(from relevance: Double) -> Int {
    judged.prefix(while: { $0 >= relevance }).count
  }

  /// How many of the first `cutoff` documents have at least this grade.
  func relevantRetrieved(from relevance: Double, cutoff: Int? = nil) -> Int {
    top(cutoff).count { isRelevant($0, from: relevance) }
  }
}

/// Whether a document with this grade, nil where not judged, is relevant; `relevance` is above 0.
func isRelevant(_ grade: Double?, from relevance: Double) -> Bool { (grade ?? 0) >= relevance }

/// `value` over `count`; 0 where there is nothing to divide by.
func ratio(_ value: Double, _ count: Int) -> Double { count > 0 ? value / Double(count) : 0 }
