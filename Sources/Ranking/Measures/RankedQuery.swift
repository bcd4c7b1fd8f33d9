/// One query's result as measures use it: the grades in ranked order, and all judged grades.
public struct RankedQuery: Sendable, Equatable {
  /// The grades of the retrieved documents, best rank first; nil for an unjudged document.
  public let ranked: [Double?]
  /// The grades of all judged documents, retrieved or not, in descending order.
  public let judged: [Double]

  /// A result from its grades, in ranked order, and the judged grades, in any order.
  public init(ranked: [Double?], judged: [Double]) {
    self.ranked = ranked
    self.judged = judged.sorted(by: >)
  }

  private init(ranked: [Double?], sorted: [Double]) {
    (self.ranked, judged) = (ranked, sorted)
  }

  /// The same documents in their best order: by grade, unjudged ones as grade 0. O(n), and O(r log
  /// r) for the r grades that are not 0, which are few.
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

  /// The result without unjudged documents; a negative grade means, as in trec_eval, that a
  /// document was in the pool and not judged (trec_eval's `-J`).
  public var judgedOnly: RankedQuery {
    RankedQuery(ranked: ranked.filter { ($0 ?? -1) >= 0 }, sorted: judged)
  }

  /// The result truncated to a depth.
  public func prefix(_ depth: Int) -> RankedQuery {
    RankedQuery(ranked: Array(ranked.prefix(depth)), sorted: judged)
  }

  /// The first `cutoff` grades; all if it is nil.
  func top(_ cutoff: Int?) -> ArraySlice<Double?> { ranked.prefix(cutoff ?? .max) }

  /// The number of judged documents with at least this grade.
  func relevantCount(from relevance: Double) -> Int {
    judged.prefix(while: { $0 >= relevance }).count
  }

  /// The number of the first `cutoff` documents with at least this grade.
  func relevantRetrieved(from relevance: Double, cutoff: Int? = nil) -> Int {
    top(cutoff).count { isRelevant($0, from: relevance) }
  }
}

/// Whether a document with this grade, nil if unjudged, is relevant; `relevance` is above 0.
func isRelevant(_ grade: Double?, from relevance: Double) -> Bool { (grade ?? 0) >= relevance }

/// `value` over `count`; 0 if `count` is 0.
func ratio(_ value: Double, _ count: Int) -> Double { count > 0 ? value / Double(count) : 0 }
