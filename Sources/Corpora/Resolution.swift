public import Diagnostics

/// The result of joining judgments and a run with a collection by id, with the losses at each step.
/// Ids are compared exactly.
public struct Resolution: Sendable, CustomStringConvertible {
  /// The ids of one kind that were looked up in one source.
  public struct Part: Sendable, Equatable {
    /// The ids and the source, as the beginning of a line of the report.
    public let name: String
    /// The number of ids looked up.
    public let total: Int
    /// The number of missing ids.
    public let missing: Int
    /// Up to five of the missing ids, in their order.
    public let examples: [String]
    /// A missing id, and an id of the collection that differs from it only by zero padding.
    public let padding: Padding?
  }

  /// A missing id that differs from an existing one only by zeros before its digits.
  public struct Padding: Sendable, Equatable {
    /// The missing id.
    public let id: String
    /// The id that exists.
    public let existing: String
  }

  /// The parts of the report, in the order of the joins.
  public let parts: [Part]
  /// The usable queries: in the collection, with a judgment of one of its documents, and, if there
  /// is a run, with one of its documents ranked. In the order of the judgments, or of the run if
  /// there are no judgments.
  public let queries: [String]
  /// The number of `queries` without a relevant document in the collection.
  public let withoutRelevant: Int
  private let emptied: String?
  private let source: String

  /// Joins judgments, a run, or both, with a collection.
  public init(of judgments: Judgments?, _ run: Run?, in collection: Collection) {
    var parts: [Part] = []
    var emptied: String?
    let source = judgments?.source ?? run?.source ?? collection.path
    var left = judgments?.queries ?? run?.queries ?? []

    /// Retains the queries that pass, and notes the step at which none was left.
    func keep(_ reason: String, where passes: (String) -> Bool) {
      let kept = left.filter(passes)
      if kept.isEmpty, !left.isEmpty { emptied = reason }
      left = kept
    }
    func count(_ name: String, _ ids: [String], existing: (String) -> Bool) {
      parts.append(Part(name, ids, existing: existing))
    }
    let hasQuery = { (id: String) in collection.queryIndex(of: id) != nil }
    let hasDocument = { (id: String) in collection.documentIndex(of: id) != nil }

    if let judgments {
      count("judged queries among the collection's queries", judgments.queries, existing: hasQuery)
      var seen: Set<String> = []
      var documents: [String] = []
      var resolved = 0
      for judgment in judgments.queries.lazy.flatMap({ judgments.judgments(of: $0) }) {
        if seen.insert(judgment.document).inserted { documents.append(judgment.document) }
        if hasQuery(judgment.query), hasDocument(judgment.document) { resolved += 1 }
      }
      count("judged documents in the corpus", documents, existing: hasDocument)
      parts.append(
        Part("judgments with both", total: judgments.count, missing: judgments.count - resolved))
      keep("none of the judged queries is among the collection's queries", where: hasQuery)
      keep("none of the judged documents is in the corpus") { query in
        judgments.judgments(of: query).contains { hasDocument($0.document) }
      }
    }
    if let run {
      count("ranked queries among the collection's queries", run.queries, existing: hasQuery)
      var seen: Set<String> = []
      let documents = run.queries.flatMap { query in
        run.documents(of: query).map(\.document).filter { seen.insert($0).inserted }
      }
      count("ranked documents in the corpus", documents, existing: hasDocument)
      if let judgments {
        count("judged queries in the run", judgments.queries, existing: run.contains(query:))
        keep("none of the judged queries is in the run", where: run.contains(query:))
      } else {
        keep("none of the ranked queries is among the collection's queries", where: hasQuery)
      }
      keep("none of the ranked documents is in the corpus") { query in
        run.documents(of: query).contains { hasDocument($0.document) }
      }
    }
    self.parts = parts
    self.emptied = emptied ?? (left.isEmpty ? "the input contains no queries" : nil)
    self.source = source
    queries = left
    withoutRelevant =
      judgments.map { judgments in
        left.count { query in
          !judgments.judgments(of: query).contains { $0.isRelevant && hasDocument($0.document) }
        }
      } ?? 0
  }

  /// Rejects an input without usable queries.
  ///
  /// - Throws: `badData` with the join that left no query, and examples of its ids.
  public func requireQueries() throws(Failure) {
    guard let emptied else { return }
    let culprit = parts.first { $0.total > 0 && $0.missing == $0.total }
    throw Failure(
      .badData, "no query is left: \(emptied)", at: Place(source),
      expected: culprit.map { "matching ids, unlike \($0.quotedExamples)" },
      remedy: parts.lazy.compactMap(\.padding).first.map {
        "use the same leading zeros in all files: '\($0.id)' is '\($0.existing)' there"
      } ?? "check that these files belong together")
  }

  /// The report: one line per part, and one for the usable queries.
  public var description: String {
    var lines = parts.map(\.line)
    lines.append("usable queries: \(queries.count)")
    if withoutRelevant > 0 {
      lines.append("usable queries without a relevant document: \(withoutRelevant)")
    }
    return lines.joined(separator: "\n")
  }
}
