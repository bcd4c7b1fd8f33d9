package import Corpora
import Diagnostics

/// What is converted.
package enum ConversionSource: Sendable {
  /// A collection with some of its splits.
  case collection(CollectionSource)
  /// A file of lists.
  case lists(ListFile)

  /// The source as lists of documents.
  var records: any RecordSource {
    get throws(Failure) {
      switch self {
      case .collection(let source): source
      case .lists(let file): file
      }
    }
  }
}

/// A query with documents, as one record of a file.
struct ConvertedList: Sendable, Equatable {
  /// A document of the list.
  struct Item: Sendable, Equatable {
    /// Its id, if it has one.
    var id: String?
    var title = ""
    var text = ""
    var label = 0.0
    /// A teacher's score.
    var teacher: Double?

    /// Title and text as a model reads them.
    var content: String { Document(id: "", title: title, text: text).content }
  }

  /// The split, if there are several.
  var split: String?
  var queryID: String?
  var query = ""
  var items: [Item] = []
}

/// A source of lists that can be read from beginning to end.
protocol RecordSource: Sendable {
  /// The path, for messages.
  var path: String { get }
  /// Whether lists belong to splits.
  var hasSplits: Bool { get }
  /// Whether queries and documents have ids.
  var hasIDs: Bool { get }

  /// Calls `body` with each list.
  ///
  /// - Throws: errors of reading, and those of `body`.
  func forEach(
    _ conversion: inout Conversion,
    _ body: (ConvertedList, inout Conversion) throws(Failure) -> Void
  ) throws(Failure)
}

/// A file of lists, and the collection with the texts that it names only by id.
package struct ListFile: RecordSource {
  package let path: String
  private let form: CollectionForm
  private let texts: Collection?

  /// A file of lists.
  package init(_ path: String, _ form: CollectionForm, texts: Collection?) {
    (self.path, self.form, self.texts) = (path, form, texts)
  }

  var hasSplits: Bool { false }
  // Without an id of its own a record gets none.
  var hasIDs: Bool { false }

  func forEach(
    _ conversion: inout Conversion,
    _ body: (ConvertedList, inout Conversion) throws(Failure) -> Void
  ) throws(Failure) {
    var lines = try ListLines(opening: path, as: form)
    while let record = try lines.next() {
      var list = ConvertedList(queryID: record.queryID)
      if let query = record.query {
        list.query = query
      } else if let id = record.queryID {
        list.query = try named("query", id, at: lines.place) { texts throws(Failure) in
          try texts.queryIndex(of: id).map { index throws(Failure) in
            try texts.query(at: index).text
          }
        }
      }
      for document in record.documents {
        var item = ConvertedList.Item(
          id: document.id, title: document.title ?? "", text: document.text ?? "",
          label: document.label, teacher: document.teacher)
        if document.content == nil, let id = document.id {
          let found = try named("document", id, at: lines.place) { texts throws(Failure) in
            try texts.documentIndex(of: id).map { index throws(Failure) in
              try texts.document(at: index)
            }
          }
          (item.title, item.text) = (found.title, found.text)
        }
        if document.weight != nil || document.position != nil || document.propensity != nil {
          conversion.lose("documents whose weight, position or propensity was left out")
        }
        list.items.append(item)
      }
      if record.weight != nil { conversion.lose("lists whose weight was left out") }
      try body(list, &conversion)
    }
  }

  private func named<Found>(
    _ noun: String, _ id: String, at place: Place,
    _ find: (Collection) throws(Failure) -> Found?
  ) throws(Failure) -> Found {
    guard let texts else {
      throw Failure(
        .badData, "the \(noun) '\(id)' has no text", at: place,
        expected: "texts in the file, or a collection that has them",
        remedy: "name the collection with --texts")
    }
    if let found = try find(texts) { return found }
    throw Failure(
      .badData, "the collection \(texts.path) has no \(noun) '\(id)'", at: place,
      expected: "the collection that the lists were made from")
  }
}
