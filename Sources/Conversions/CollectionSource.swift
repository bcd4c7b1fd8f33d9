package import Corpora
import Diagnostics

/// A collection to convert: its documents and queries, and the judgments of some splits.
package struct CollectionSource: RecordSource {
  /// A split with its judgments.
  package struct Split: Sendable {
    package var name: String
    package var judgments: Judgments

    package init(_ name: String, _ judgments: Judgments) {
      (self.name, self.judgments) = (name, judgments)
    }
  }

  let collection: Collection
  let splits: [Split]
  /// Candidates that become documents without relevance in lists, and how many of a query.
  private let candidates: (run: Run, depth: Int)?

  /// A collection with splits.
  ///
  /// - Parameter candidates: a run whose documents without a judgment become those of lists that
  ///   are not relevant, and how many of them for a query.
  package init(
    _ collection: Collection, _ splits: [Split], candidates: (run: Run, depth: Int)? = nil
  ) {
    (self.collection, self.splits, self.candidates) = (collection, splits, candidates)
  }

  package var path: String { collection.path }
  var hasSplits: Bool { splits.count > 1 }
  var hasIDs: Bool { true }

  func forEach(
    _ conversion: inout Conversion,
    _ body: (ConvertedList, inout Conversion) throws(Failure) -> Void
  ) throws(Failure) {
    var judged = Set<String>()
    for split in splits {
      for id in split.judgments.queries {
        guard let index = collection.queryIndex(of: id) else {
          conversion.lose("judged queries that the collection lacks, left out")
          continue
        }
        var list = ConvertedList(split: hasSplits ? split.name : nil, queryID: id)
        list.query = try collection.query(at: index).text
        for judgment in split.judgments.judgments(of: id) {
          guard let item = try item(judgment.document, judgment.grade) else {
            conversion.lose("judgments of documents that the corpus lacks, left out")
            continue
          }
          list.items.append(item)
        }
        judged.formUnion(list.items.lazy.compactMap(\.id))
        try add(candidatesOf: id, split.judgments, to: &list)
        if !list.items.isEmpty { try body(list, &conversion) }
      }
    }
    // A row or a list has no place for what no judgment names.
    if candidates == nil {
      conversion.lose(
        "documents without a judgment, left out", collection.documentCount - judged.count)
    }
  }

  private func item(_ id: String, _ label: Double) throws(Failure) -> ConvertedList.Item? {
    guard let index = collection.documentIndex(of: id) else { return nil }
    let document = try collection.document(at: index)
    return .init(id: id, title: document.title, text: document.text, label: label)
  }

  private func add(
    candidatesOf query: String, _ judgments: Judgments, to list: inout ConvertedList
  ) throws(Failure) {
    guard let candidates else { return }
    for hit in candidates.run.documents(of: query).prefix(candidates.depth)
    where judgments.grade(of: hit.document, for: query) == nil {
      if let item = try item(hit.document, 0) { list.items.append(item) }
    }
  }
}

extension CollectionSource {
  /// The judged queries of each split that the collection has, each query in the first of its splits
  /// alone; and the queries without a judgment.
  func dealtQueries() -> (judged: [[Int]], others: [Int]) {
    var seen = Set<Int>()
    let judged = splits.map { split in
      split.judgments.queries.compactMap { id -> Int? in
        guard let index = collection.queryIndex(of: id), seen.insert(index).inserted else {
          return nil
        }
        return index
      }.sorted()
    }
    return (judged, (0..<collection.queryCount).filter { !seen.contains($0) })
  }

  /// Opens what was written and compares it: a layout whose reader is told by content may find
  /// something else in a folder than what was meant.
  ///
  /// - Throws: `badData` if it does not hold the same documents, queries and judgments.
  func compare(with path: String) throws(Failure) {
    var differences: [String] = []
    func compare(_ what: String, _ written: Int, _ found: Int) {
      if written != found { differences.append("\(what): \(written) written, \(found) found") }
    }
    do throws(Failure) {
      let copy = try Collection(opening: path)
      compare("documents", collection.documentCount, copy.documentCount)
      compare("queries", collection.queryCount, copy.queryCount)
      for split in splits {
        let found = try copy.judgments(split: split.name)
        compare("judgments of '\(split.name)'", split.judgments.count, found.count)
      }
    } catch {
      differences.append(error.problem)
    }
    guard let first = differences.first else { return }
    throw Failure(
      .badData, "the converted collection does not read back: \(first)", at: Place(self.path),
      expected: "ids, texts and names of splits that this layout can hold",
      remedy: "convert to another layout, such as beir")
  }
}
