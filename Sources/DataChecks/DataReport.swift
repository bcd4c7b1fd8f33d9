package import Diagnostics
package import JSON
import Tables

/// What was found in data: facts, leaks and problems.
package struct DataReport: Sendable {
  /// A source of data: a collection, or a file of lists or judgments.
  package struct Source: Sendable {
    /// The path.
    package let path: String
    /// The layout by which it was recognised.
    package internal(set) var layout: String
    /// The encoding of each of its files, by name.
    package internal(set) var encodings: [(file: String, encoding: String)] = []
    package internal(set) var documents: TextSurvey?
    package internal(set) var queries: TextSurvey?
    package internal(set) var splits: [SplitSurvey] = []

    init(_ path: String, layout: String) { (self.path, self.layout) = (path, layout) }
  }

  /// Queries of one split that are in another as well.
  package struct Leak: Sendable {
    package let from: String
    package let to: String
    /// The queries of `to`, those with the same words as one of `from`, and those that are nearly the
    /// same as one.
    package let queries: Int
    package let same: Int
    package let near: Int
    /// A pair of queries, the same one if there is any.
    package let example: (from: String, to: String)?
  }

  /// What lengths are counted in, and the tokens of a pair besides its texts'.
  package let measure: TextMeasure
  package internal(set) var sources: [Source] = []
  package internal(set) var leaks: [Leak] = []
  package internal(set) var problems: [DataProblem] = []

  init(_ measure: TextMeasure) { self.measure = measure }

  /// The class of the first error, or, if `isStrict`, of the first problem; nil if all is well.
  package func outcome(isStrict: Bool) -> Failure.Kind? {
    problems.first { isStrict || $0.severity == .error }?.failure.kind
  }

  /// The report as text.
  package var text: String {
    var parts: [String] = []
    for source in sources {
      var rows: [(name: String, value: String)] = []
      let encodings = Set(source.encodings.map(\.encoding))
      if encodings.isSubset(of: ["ASCII", "UTF-8"]) {
        rows.append(("encoding", encodings.contains("UTF-8") ? "UTF-8" : "ASCII"))
      } else {
        rows += source.encodings.map { ("encoding of \($0.file)", $0.encoding) }
      }
      if let documents = source.documents { rows += documents.rows(measure.unit) }
      if let queries = source.queries { rows += queries.rows(measure.unit) }
      for split in source.splits { rows += split.rows(measure.unit, extra: measure.extra) }
      parts.append(
        plainText("\(source.path): \(source.layout)") + "\n"
          + labelledLines(rows.map { (plainText($0.name), plainText($0.value)) }))
    }
    if !leaks.isEmpty {
      parts.append(labelledLines(leaks.map { ("\($0.from) in \($0.to)", $0.text) }))
    }
    let errors = problems.count { $0.severity == .error }
    let warnings = problems.count - errors
    parts.append(
      problems.map { $0.text + "\n" }.joined()
        + (problems.isEmpty
          ? "nothing is wrong\n"
          : "\(errors) \(errors == 1 ? "error" : "errors"), \(warnings) "
            + "\(warnings == 1 ? "warning" : "warnings")\n"))
    return parts.joined(separator: "\n")
  }

  package var json: JSONValue {
    [
      "unit": .text(measure.unit),
      "sources": .list(sources.map { $0.json(measure) }),
      "leaks": .list(leaks.map(\.json)),
      "problems": .list(problems.map(\.json)),
    ]
  }
}

extension DataReport.Source {
  func json(_ measure: TextMeasure) -> JSONValue {
    var members: [String: JSONValue] = [
      "path": .text(path), "layout": .text(layout),
      "encodings": .object(
        Dictionary(encodings.map { ($0.file, .text($0.encoding)) }) { first, _ in first }),
      "splits": .object(
        Dictionary(
          splits.map { ($0.name, $0.json(measure.unit, extra: measure.extra)) }
        ) { first, _ in first }),
    ]
    if let documents { members["documents"] = documents.json(measure.unit) }
    if let queries { members["queries"] = queries.json(measure.unit) }
    return .object(members)
  }
}

extension DataReport.Leak {
  var text: String {
    "\(grouped(same)) of \(grouped(queries)) queries of \(to) with the same words"
      + " (\(percent(Double(same) / Double(max(1, queries))))), \(grouped(near)) nearly the same"
  }

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "from": .text(from), "to": .text(to), "queries": .whole(queries), "same": .whole(same),
      "near_same": .whole(near),
    ]
    if let example { members["example"] = [.text(example.from), .text(example.to)] }
    return .object(members)
  }
}
