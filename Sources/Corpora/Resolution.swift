public import Diagnostics

/// What is left when judgments and a run are joined with a collection by their ids, and what is
/// lost on the way. Ids are compared exactly.
public struct Resolution: Sendable, CustomStringConvertible {
  /// Ids of one kind that were looked for in one place.
  public struct Part: Sendable, Equatable {
    /// What was looked for where, as the beginning of a line of the report.
    public let name: String
    /// How many ids were looked for.
    public let total: Int
    /// How many were not found.
    public let missing: Int
    /// Up to five of those not found, in their order.
    public let examples: [String]
    /// An id that was not found, and an id of the collection that differs from it by zero padding
    /// alone.
    public let padding: Padding?
  }

  /// An id that differs from one that exists only by zeros before its digits.
  public struct Padding: Sendable, Equatable {
    /// The id as it was looked for.
    public let id: String
    /// The id that exists.
    public let existing: String
  }

  /// The parts of the report, in the order of the joins.
  public let parts: [Part]
  /// The queries that can be used: in the collection, with a judgment of one of its documents,
  /// and, where there is a run, with one of its documents ranked. In the judgments' order, or the
  /// run's where there are no judgments.
  public let queries: [String]
  /// How many of `queries` have no relevant document in the collection.
  public let withoutRelevant: Int
  private let emptied: String?
  private let source: String

  /// Joins judgments, a run, or both, with a collection.
  public init(of judgments: Judgments?, _ run: Run?, in collection: Collection) {
    var parts: [Part] = []
    var emptied: String?
    let source = judgments?.source ?? run?.source ?? collection.folder.path
    var left = judgments?.queries ?? run?.queries ?? []

    /// Keeps the queries that pass, and notes at which step none was left.
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
    self.emptied = emptied ?? (left.isEmpty ? "there are no queries to begin with" : nil)
    self.source = source
    queries = left
    withoutRelevant =
      judgments.map { judgments in
        left.count { query in
          !judgments.judgments(of: query).contains { $0.isRelevant && hasDocument($0.document) }
        }
      } ?? 0
  }

  /// Rejects an input of which nothing is left.
  ///
  /// - Throws: `badData` with the join that left nothing, and what the ids look like there.
  public func requireQueries() throws(Failure) {
    guard let emptied else { return }
    let culprit = parts.first { $0.total > 0 && $0.missing == $0.total }
    throw Failure(
      .badData, "no query is left: \(emptied)", at: Place(source),
      expected: culprit.map { "ids as they are there, which \($0.quotedExamples) are not" },
      remedy: parts.lazy.compactMap(\.padding).first.map {
        "write ids with the same zeros everywhere: '\($0.id)' is '\($0.existing)' there"
      } ?? "check that these files belong together")
  }

  /// The report: one line a part, and one for what is left.
  public var description: String {
    var lines = parts.map(\.line)
    lines.append("queries that can be used: \(queries.count)")
    if withoutRelevant > 0 {
      lines.append("queries among them without a relevant document: \(withoutRelevant)")
    }
    return lines.joined(separator: "\n")
  }
}
