public import Diagnostics

/// Queries that are documents of the corpus under the same id, as in ArguAna and Quora: a first
/// stage finds the query's own copy, which does not answer it. If queries and documents merely
/// share a numbering, a hit with the query's id is a legitimate hit, so texts are compared.
public struct IdenticalIDs: Sendable, Equatable {
  /// The number of queries checked.
  public private(set) var queries = 0
  /// The number of these that have a hit with their own id and text.
  public private(set) var copies = 0
  /// The first such query.
  public private(set) var example: String?

  /// A count of no queries.
  public init() {}

  /// Checks the hits of a query.
  ///
  /// - Throws: the errors of reading the two texts, if the query's own id is among the hits.
  public mutating func add(
    _ query: String, hits: some Sequence<String>, in collection: Collection
  ) throws(Failure) {
    queries += 1
    guard hits.contains(query), let index = collection.queryIndex(of: query),
      let copy = collection.documentIndex(of: query)
    else { return }
    let document = try collection.document(at: copy)
    guard document.hasWords(of: try collection.query(at: index).text) else { return }
    copies += 1
    if example == nil { example = query }
  }

  /// A note for the user if copies are evaluated like other hits; nil if there are none.
  ///
  /// - Parameters:
  ///   - subject: the kind of hits, such as `hits`, `candidates`.
  ///   - option: the option that excludes them.
  public func note(_ subject: String, option: String) -> String? {
    guard let example else { return nil }
    return "\(copies) of \(queries) queries are among their own \(subject), such as '\(example)': "
      + "a document with the query's id and text is included by default; \(option) excludes it"
  }
}

extension Document {
  /// Whether the query equals this document (its title, its text, or both), ignoring case and white
  /// space.
  package func hasWords(of query: String) -> Bool {
    func words(_ text: String) -> [String] {
      text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    }
    let asked = words(query)
    return !asked.isEmpty && [title, text, content].contains { words($0) == asked }
  }
}

extension ListRecord {
  /// Whether a document of the list is the query itself, with its id and its text, if the list has
  /// both texts.
  package var holdsOwnCopy: Bool {
    guard let queryID, let query else { return false }
    return documents.contains { document in
      guard document.id == queryID, let text = document.text else { return false }
      return Corpora.Document(id: queryID, title: document.title ?? "", text: text)
        .hasWords(of: query)
    }
  }
}

extension [ScoredDocument] {
  /// The hits without one that has the query's own id, as in BEIR's evaluation
  /// (`ignore_identical_ids`).
  public func without(id query: String) -> [ScoredDocument] {
    contains { $0.document == query } ? filter { $0.document != query } : self
  }
}
