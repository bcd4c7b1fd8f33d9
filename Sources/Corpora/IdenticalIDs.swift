public import Diagnostics

/// Queries that are documents of the corpus under the same id, as in ArguAna and Quora: a first
/// stage finds the query's own copy, which is no answer to it. Where queries and documents are
/// merely numbered alike, a hit with the query's id is a hit like any other, so texts are compared.
public struct IdenticalIDs: Sendable, Equatable {
  /// How many queries were looked at.
  public private(set) var queries = 0
  /// How many of them have a hit with their own id and their own words.
  public private(set) var copies = 0
  /// The first of these.
  public private(set) var example: String?

  /// No queries yet.
  public init() {}

  /// Looks at the hits of a query.
  ///
  /// - Throws: what reading the two texts does, where the query's own id is among the hits.
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

  /// A note for the user where copies count like other hits; nil where there are none.
  ///
  /// - Parameters:
  ///   - subject: whose hits they are, such as `hits`, `candidates`.
  ///   - option: what leaves them out.
  public func note(_ subject: String, option: String) -> String? {
    guard let example else { return nil }
    return "\(copies) of \(queries) queries are among their own \(subject), such as '\(example)': "
      + "a document with the query's id and words counts like any other; \(option) leaves it out"
  }
}

extension Document {
  /// Whether a query is this document: its title, its text, or both, but for case and white space.
  package func hasWords(of query: String) -> Bool {
    func words(_ text: String) -> [String] {
      text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    }
    let asked = words(query)
    return !asked.isEmpty && [title, text, content].contains { words($0) == asked }
  }
}

extension ListRecord {
  /// Whether a document of the list is the query itself, under its id and with its words, as far as
  /// the list has both texts.
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
  /// The hits but for one with the query's own id, as BEIR's evaluation leaves it out
  /// (`ignore_identical_ids`).
  public func without(id query: String) -> [ScoredDocument] {
    contains { $0.document == query } ? filter { $0.document != query } : self
  }
}
