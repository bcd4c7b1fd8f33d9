import Corpora
import Diagnostics
import Files

extension DataFormat {
  /// TREC: documents in SGML, topics and qrels. Grades are integers.
  static let trec = DataFormat(
    name: "trec", summary: "a folder with documents.trec, topics.NAME.txt and qrels.NAME.txt",
    output: .folder { (source, folder, conversion) throws(Failure) in
      try IdentifierRule.withoutSpaces.require(source, of: "TREC's layout")
      for split in source.splits { try split.requireIntegers() }
      try folder.write("documents.trec") { file throws(Failure) in
        try source.collection.forEachDocument { document throws(Failure) in
          try file.append("<DOC>\n<DOCNO>\(escaped(document.id))</DOCNO>\n")
          if !document.title.isEmpty {
            try file.append("<TITLE>\(escaped(document.title))</TITLE>\n")
          }
          try file.append("<TEXT>\n\(escaped(document.text))\n</TEXT>\n</DOC>\n")
          conversion.documents += 1
        }
      }
      let (judged, others) = source.dealtQueries()
      let files = zip(source.splits.map(\.name), judged) + [("unjudged", others)]
      for (name, queries) in files where !queries.isEmpty {
        try folder.write("topics.\(name).txt") { file throws(Failure) in
          for index in queries {
            try file.append(topic(try source.collection.query(at: index), source.path))
            conversion.queries += 1
          }
        }
      }
      for split in source.splits {
        try folder.write(
          "qrels.\(split.name).txt", split.judgments.trecLines(separator: " "))
        conversion.judgments += split.judgments.count
      }
    })

  private static func topic(_ query: Query, _ path: String) throws(Failure) -> String {
    let words = query.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard !words.isEmpty else {
      throw Failure(
        .badData, "the query '\(query.id)' is empty, and a topic has to have a title",
        at: Place(path), expected: "queries with words",
        remedy: "remove the query, or convert to beir")
    }
    // What readers take for the label of a title would be lost.
    let label = words.lowercased().hasPrefix("topic:") ? "Topic: " : ""
    return "<top>\n<num> Number: \(escaped(query.id))\n"
      + "<title> \(label)\(escaped(words))\n</top>\n\n"
  }

  /// A text with the characters of markup as entities.
  private static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { "&<>".utf8.contains($0) }) else { return text }
    return text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }
}

extension CollectionSource.Split {
  /// - Throws: `badData` if a grade has a fraction, which TREC's programs do not read.
  fileprivate func requireIntegers() throws(Failure) {
    for query in judgments.queries {
      for judgment in judgments.judgments(of: query) where Int(exactly: judgment.grade) == nil {
        throw Failure(
          .badData,
          "the grade \(judgment.grade) of document '\(judgment.document)' for query '\(query)' is "
            + "not an integer", at: Place(judgments.source),
          expected: "integers, which TREC's qrels have",
          remedy: "convert to beir, csv or jsonl")
      }
    }
  }
}
