import Diagnostics

/// A way in which other programs write a query with its documents on one line of JSON. To add one,
/// write a file that makes a `ListShape`, and add an entry to `all`.
struct ListShape: Sendable {
  /// Whether an object with these keys has the shape.
  let recognises: @Sendable (Set<String>) -> Bool
  /// Reads the object; errors name the key.
  let read: @Sendable (any Decoder) throws -> ListRecord

  /// All shapes, in the order in which they are tried.
  static let all: [ListShape] = [.flagEmbedding, .tevatron, .labelled, .tuple]

  /// The shape of an object; nil for one of our own, and for what is not recognised.
  static func shape(of decoder: any Decoder) throws -> ListShape? {
    guard let values = try? decoder.container(keyedBy: AnyKey.self) else { return nil }
    let names = Set(values.allKeys.map(\.stringValue))
    if names.contains("documents") { return nil }
    return all.first { $0.recognises(names) }
  }
}

/// Texts at a key: one, or a list of them.
struct TextList: Decodable {
  var texts: [String]

  init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      texts = [text]
    } else {
      texts = try decoder.singleValueContainer().decode([String].self)
    }
  }
}

extension ListRecord {
  /// A list of a query's documents, checked.
  init(_ keys: ListKeys, queryID: String? = nil, query: String?, _ documents: [Document]) throws {
    self.init(queryID: queryID, query: query, weight: nil, documents: documents)
    guard queryID != nil || query != nil else {
      throw keys.problem("query", "the list has no query", ListLines.shape)
    }
    try requireDocuments(keys)
  }
}

extension ListRecord.Document {
  /// A document with its text.
  init(_ text: String, label: Double, teacher: Double? = nil) {
    self.init()
    (self.text, self.label, self.teacher) = (text, label, teacher)
  }
}
