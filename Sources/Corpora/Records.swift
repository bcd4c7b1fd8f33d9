/// A document of a corpus.
public struct Document: Sendable, Equatable {
  /// The id in judgments and runs; compared exactly.
  public var id: String
  /// Its title; empty if it has none.
  public var title: String
  /// Its body; empty if it has none.
  public var text: String

  /// A document with its fields.
  public init(id: String, title: String = "", text: String) {
    self.id = id
    self.title = title
    self.text = text
  }

  /// The model's input: the title, a space and the text, without white space at the ends.
  public var content: String { trimmed(title + " " + text) }
}

/// A query of a collection.
public struct Query: Sendable, Equatable {
  /// The id in judgments and runs; compared exactly.
  public var id: String
  /// Its text.
  public var text: String

  /// A query with its fields.
  public init(id: String, text: String) {
    self.id = id
    self.text = text
  }
}

/// The relevance grade of a document for a query.
public struct Judgment: Sendable, Equatable {
  /// The query's id.
  public var query: String
  /// The document's id.
  public var document: String
  /// The grade as given in the file: 1 and above are relevant, higher is better; 0 and below are
  /// not relevant, including negative grades (−1, −2 of some TREC tracks), whatever they mean
  /// there.
  public var grade: Double

  /// A judgment with its fields.
  public init(query: String, document: String, grade: Double) {
    self.query = query
    self.document = document
    self.grade = grade
  }

  /// Whether the grade is 1 or more: the default threshold of relevance of measures and lists.
  public var isRelevant: Bool { grade >= 1 }
}

/// A document and a system's score of it for some query; higher is better.
public struct ScoredDocument: Sendable, Equatable {
  /// The document's id.
  public var document: String
  /// The system's score, on any scale.
  public var score: Double

  /// A document with its score.
  public init(document: String, score: Double) {
    self.document = document
    self.score = score
  }
}

/// `text` without the white space at its ends.
func trimmed(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard
    let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
    let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
  else { return "" }
  return String(scalars[first...last])
}
