/// A document of a corpus.
public struct Document: Sendable, Equatable {
  /// What judgments and runs call it; compared exactly.
  public var id: String
  /// Its title; empty where it has none.
  public var title: String
  /// Its body; empty where it has none.
  public var text: String

  /// A document with its parts.
  public init(id: String, title: String = "", text: String) {
    self.id = id
    self.title = title
    self.text = text
  }

  /// What a model reads: the title, a space and the text, without white space around them.
  public var content: String { trimmed(title + " " + text) }
}

/// A query of a collection.
public struct Query: Sendable, Equatable {
  /// What judgments and runs call it; compared exactly.
  public var id: String
  /// Its words.
  public var text: String

  /// A query with its parts.
  public init(id: String, text: String) {
    self.id = id
    self.text = text
  }
}

/// How relevant a document was judged for a query.
public struct Judgment: Sendable, Equatable {
  /// The query's id.
  public var query: String
  /// The document's id.
  public var document: String
  /// The grade as it stands in the file: relevant from 1 on, the more the better; 0 and below not,
  /// whatever the negative grades (−1, −2 of some TREC tracks) mean to those who gave them.
  public var grade: Double

  /// A judgment with its parts.
  public init(query: String, document: String, grade: Double) {
    self.query = query
    self.document = document
    self.grade = grade
  }

  /// Whether the grade is 1 or more: what measures and lists take for relevant unless they are told
  /// another grade.
  public var isRelevant: Bool { grade >= 1 }
}

/// A document and the score a system gave it for some query; higher is better.
public struct ScoredDocument: Sendable, Equatable {
  /// The document's id.
  public var document: String
  /// The system's score, on whatever scale it has.
  public var score: Double

  /// A document with its score.
  public init(document: String, score: Double) {
    self.document = document
    self.score = score
  }
}

/// `text` without the white space at its ends.
private func trimmed(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard
    let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
    let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
  else { return "" }
  return String(scalars[first...last])
}
