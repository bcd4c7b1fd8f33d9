import Corpora
import Diagnostics

/// What may be in an id.
enum IdentifierRule {
  /// No tabs and line ends, which end a column.
  case withoutTabs
  /// No white space at all.
  case withoutSpaces

  /// Rejects ids that a layout cannot hold.
  ///
  /// - Throws: `badData` with the id.
  func require(_ noun: String, _ id: String, of layout: String, at path: String) throws(Failure) {
    let isWrong: (Unicode.Scalar) -> Bool =
      switch self {
      case .withoutTabs: { ["\t", "\n", "\r"].contains($0) }
      case .withoutSpaces: { $0.properties.isWhitespace }
      }
    guard id.isEmpty || id.unicodeScalars.contains(where: isWrong) else { return }
    throw Failure(
      .badData, "the id '\(id)' of a \(noun) has white space, which \(layout) cannot hold",
      at: Place(path), expected: "ids without \(self == .withoutTabs ? "tabs" : "white space")",
      remedy: self == .withoutTabs ? "change the id" : "convert to beir, csv or jsonl")
  }

  /// Rejects a collection with ids that a layout cannot hold.
  func require(_ source: CollectionSource, of layout: String) throws(Failure) {
    let collection = source.collection
    for index in 0..<collection.documentCount {
      try require("document", collection.documentID(at: index), of: layout, at: source.path)
    }
    for index in 0..<collection.queryCount {
      try require("query", collection.queryID(at: index), of: layout, at: source.path)
    }
    for split in source.splits {
      for query in split.judgments.queries {
        try require("query", query, of: layout, at: split.judgments.source)
        for judgment in split.judgments.judgments(of: query) {
          try require("document", judgment.document, of: layout, at: split.judgments.source)
        }
      }
    }
  }
}

/// A grade without a fraction if it is an integer.
func plain(_ grade: Double) -> String { Int(exactly: grade).map(String.init) ?? "\(grade)" }
