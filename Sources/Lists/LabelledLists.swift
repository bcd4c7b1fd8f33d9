package import Options
package import Corpora
package import Diagnostics
import Ranking

/// A list from a file, by numbers of queries and documents.
package struct LabelledList: Sendable {
  /// The number of the query.
  package var query: Int
  /// The documents, at least one.
  package var items: [ListItem]
  /// The weight of the list's part of the loss.
  package var weight = 1.0

  package init(query: Int, items: [ListItem], weight: Double = 1) {
    self.query = query
    self.items = items
    self.weight = weight
  }

  /// Whether a loss can learn from the list: whether it has a gradient with the documents in this
  /// order, or in the opposite one.
  func teaches(_ loss: Loss, _ workspace: inout LossWorkspace) -> Bool {
    let count = items.count
    let labels = items.map(\.label)
    let teachers = items.map(\.teacher)
    let weights = items.map(\.weight)
    for direction in [1.0, -1] {
      // Uneven steps: with even ones, gradients of different pairs may cancel.
      let scores = (0..<count).map { (i: Int) -> Double in
        direction * (Double(i) + 0.25 * Double(i % 3)) / 8
      }
      var gradient = [Double](repeating: 0, count: count)
      var span = gradient.mutableSpan
      _ = loss.evaluate(
        scores: scores.span, labels: labels.span, teachers: teachers.span,
        offsets: [0, count].span, itemWeights: weights.span, listWeights: [weight].span,
        gradient: &span, workspace: &workspace)
      if gradient.contains(where: { $0 != 0 }) { return true }
    }
    return false
  }
}

/// The contents of a file of lists.
package struct LabelledLists: Sendable {
  /// The lists, in file order.
  package var lists: [LabelledList] = []
  /// How each list was shown, if weights are derived from it; emptied afterwards.
  var showings: [Showing] = []
  /// The number of documents in all lists, and of those without a teacher's score.
  package private(set) var pairs = 0
  package private(set) var untaught = 0
  /// The number of lists with a copy of their query (same id and text).
  package private(set) var ownCopies = 0
  /// The number of lists left out because their only document has their query's id.
  package private(set) var emptied = 0

  /// How a list was shown: its line, and the position and propensity of each document.
  struct Showing: Sendable {
    var line: Int
    /// The ids of query and documents in the log, if it has any.
    var query: String?
    var documents: [String?] = []
    var positions: [Int?] = []
    var propensities: [Double?] = []
  }

  /// Reads a file of lists; texts go into `library`, each once even if it is in several lists. With
  /// a `teacher`, its scores replace those in the lists.
  ///
  /// - Throws: `Failure` with line and key if a value is wrong or missing.
  package init(
    reading source: ListSource, teacher: Run?, into library: inout TextLibrary
  ) throws(Failure) {
    var file = try ListLines(
      opening: source.file, as: CollectionForm(nil, source.table))
    let collection =
      if let path = source.collection {
        try library.collection(path, source.collectionForm)
      } else {
        nil as Collection?
      }
    var texts = KnownTexts(collection: collection, file: source.file)
    while var record = try file.next() {
      let place = file.place
      if source.ignoresIdenticalIDs, let id = record.queryID {
        record.documents.removeAll { $0.id == id }
        if record.documents.isEmpty {
          emptied += 1
          continue
        }
      } else if record.holdsOwnCopy {
        ownCopies += 1
      }
      let query = try texts.query(of: record, at: place, &library)
      let scores = try teacher.map { run throws(Failure) in
        try Self.scores(of: record, in: run, at: place)
      }
      var list = LabelledList(query: query, items: [], weight: record.weight ?? 1)
      var showing = Showing(line: file.line, query: record.queryID)
      for (i, document) in record.documents.enumerated() {
        let number = try texts.document(document, index: i, at: place, &library)
        var score = document.teacher
        if let scores {
          guard let id = document.id else { throw Self.nameless(place, "documents[\(i)].id") }
          score = scores[id]
        }
        pairs += 1
        if score == nil { untaught += 1 }
        list.items.append(
          ListItem(
            document: number, label: max(0, document.label), teacher: score ?? .nan,
            weight: document.weight ?? 1))
        showing.documents.append(document.id)
        showing.positions.append(document.position)
        showing.propensities.append(document.propensity)
      }
      lists.append(list)
      if source.clickWeights != nil { showings.append(showing) }
    }
    library.note(file.textFaults)
    library.textCounts += [texts.documentCount, texts.queryCount]
    guard !lists.isEmpty else {
      if emptied > 0 {
        throw Failure(
          .badData, "every list is empty once the document with the query's own id is left out",
          at: Place(source.file),
          expected: "documents with other ids", remedy: "omit 'ignore_identical_ids'")
      }
      throw Failure(
        .badData, "the file holds no lists", at: Place(source.file), expected: ListLines.shape)
    }
  }

  /// The number of documents with a teacher's score.
  package var taught: Int { pairs - untaught }

  private static func scores(
    of record: ListRecord, in run: Run, at place: Place
  ) throws(Failure) -> [String: Double] {
    guard let id = record.queryID else { throw nameless(place, "query_id") }
    return Dictionary(
      run.documents(of: id).map { ($0.document, $0.score) }, uniquingKeysWith: { first, _ in first }
    )
  }

  private static func nameless(_ place: Place, _ key: String) -> Failure {
    var place = place
    place.key = key
    return Failure(
      .badData, "the id by which to find the score in the teacher's run is missing", at: place,
      expected: "the id that the run uses",
      remedy: "add the id to the text, or give the score as 'teacher'")
  }
}

/// The texts of lists with their numbers: each is tokenized once.
private struct KnownTexts {
  let collection: Collection?
  var queries: [String: Int] = [:]
  var queryIDs: [String: Int] = [:]
  var documents: [String: Int] = [:]
  /// The count of documents whose texts are in the file itself.
  var documentCount: TextCount
  var queryCount: TextCount

  init(collection: Collection?, file: String) {
    self.collection = collection
    documentCount = TextCount("documents", of: file)
    queryCount = TextCount("queries", of: file)
  }

  mutating func query(
    of record: ListRecord, at place: Place, _ library: inout TextLibrary
  ) throws(Failure) -> Int {
    if let text = record.query {
      queryCount.add(text, line: place.line ?? 1)
      if let known = queries[text] { return known }
      let number = library.append(query: text)
      queries[text] = number
      return number
    }
    guard let id = record.queryID else { preconditionFailure("a list without a query") }
    if let known = queryIDs[id] { return known }
    let collection = try named("query", "query_id", id, at: place)
    guard let index = collection.queryIndex(of: id) else {
      throw unknown("query", "query_id", id, of: collection, at: place)
    }
    let number = library.append(query: try collection.query(at: index).text)
    queryIDs[id] = number
    return number
  }

  mutating func document(
    _ document: ListRecord.Document, index: Int, at place: Place, _ library: inout TextLibrary
  ) throws(Failure) -> Int {
    if let text = document.content {
      documentCount.add(text, line: place.line ?? 1)
      if let known = documents[text] { return known }
      let number = library.append(document: text)
      documents[text] = number
      return number
    }
    guard let id = document.id else { preconditionFailure("a document without id and text") }
    let key = "documents[\(index)].id"
    let collection = try named("document", key, id, at: place)
    guard collection.documentIndex(of: id) != nil else {
      throw unknown("document", key, id, of: collection, at: place)
    }
    return try library.document(id, of: collection)
  }

  /// The collection in which ids are looked up.
  private func named(
    _ what: String, _ key: String, _ id: String, at place: Place
  ) throws(Failure) -> Collection {
    if let collection { return collection }
    var place = place
    place.key = key
    throw Failure(
      .badData, "the \(what) '\(id)' has an id but no text", at: place,
      expected: "a text, or a collection that contains the id",
      remedy: "name the collection in data.train.collection, or give the text")
  }

  private func unknown(
    _ what: String, _ key: String, _ id: String, of collection: Collection, at place: Place
  ) -> Failure {
    var place = place
    place.key = key
    return Failure(
      .badData, "there is no \(what) '\(id)' in \(collection.path)", at: place,
      expected: "an id of the collection",
      remedy: "check that the lists belong to this collection, or give the text")
  }
}
