public import Files

/// What a system ranked for each query. Documents are ordered by score, highest first, and among
/// equals by id, highest first, as trec_eval does, which compares scores in 32 bits; whatever ranks
/// a file claims play no part.
public struct Run: Sendable {
  /// Where it comes from, for messages.
  public let source: String
  /// The name the system gave it; empty where there is none.
  public let tag: String
  /// What is wrong with the characters of its file.
  public internal(set) var textFaults: TextFaults
  /// The queries, each once, in the order they first appear.
  public let queries: [String]
  private let rankings: [String: [ScoredDocument]]

  /// A run from rankings in any order; of queries given twice the later ranking counts.
  public init(
    _ rankings: some Sequence<(query: String, documents: [ScoredDocument])>, tag: String,
    from source: String
  ) {
    var queries: [String] = []
    var ordered: [String: [ScoredDocument]] = [:]
    for (query, documents) in rankings {
      if ordered.updateValue(documents.sorted(by: Run.precedes), forKey: query) == nil {
        queries.append(query)
      }
    }
    self.init(
      source: source, tag: tag, queries: queries, ordered: ordered, faults: TextFaults(of: source))
  }

  private init(
    source: String, tag: String, queries: [String], ordered: [String: [ScoredDocument]],
    faults: TextFaults
  ) {
    self.source = source
    self.tag = tag
    self.queries = queries
    rankings = ordered
    textFaults = faults
  }

  /// The documents of a query from rank 1; none where the run does not have it. O(1).
  public func documents(of query: String) -> [ScoredDocument] { rankings[query] ?? [] }

  /// Whether the run has a query. O(1).
  public func contains(query: String) -> Bool { rankings[query] != nil }

  /// How many documents there are over all queries.
  public var count: Int { rankings.values.reduce(0) { $0 + $1.count } }

  /// The run with at most `depth` documents a query.
  public func prefix(_ depth: Int) -> Run {
    Run(
      source: source, tag: tag, queries: queries,
      ordered: rankings.mapValues { Array($0.prefix(depth)) }, faults: textFaults)
  }

  /// The run without the documents that have their query's id.
  public var withoutIdenticalIDs: Run {
    Run(
      source: source, tag: tag, queries: queries,
      ordered: Dictionary(
        uniqueKeysWithValues: rankings.map { ($0.key, $0.value.without(id: $0.key)) }),
      faults: textFaults)
  }

  /// Whether `a` ranks before `b`.
  static func precedes(_ a: ScoredDocument, _ b: ScoredDocument) -> Bool {
    let (x, y) = (Float(a.score), Float(b.score))
    return x != y ? x > y : b.document.utf8.lexicographicallyPrecedes(a.document.utf8)
  }
}
