public import Files

/// The documents that a system ranked for each query. Documents are ordered by descending score,
/// ties by descending id, as in trec_eval, which compares scores in 32 bits; ranks stated in a file
/// are ignored.
public struct Run: Sendable {
  /// The source, for messages.
  public let source: String
  /// The system's name; empty if there is none.
  public let tag: String
  /// The encoding faults of the file.
  public internal(set) var textFaults: TextFaults
  /// The queries, each once, in order of first appearance.
  public let queries: [String]
  private let rankings: [String: [ScoredDocument]]

  /// A run from rankings in any order; of duplicate queries the last ranking is used.
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

  /// The documents of a query from rank 1; empty if the run does not have the query. O(1).
  public func documents(of query: String) -> [ScoredDocument] { rankings[query] ?? [] }

  /// Whether the run has a query. O(1).
  public func contains(query: String) -> Bool { rankings[query] != nil }

  /// The number of documents of all queries.
  public var count: Int { rankings.values.reduce(0) { $0 + $1.count } }

  /// The run with at most `depth` documents per query.
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
