import JSON

/// What is known of the judgments of a split, or of the lists of a file.
package struct SplitSurvey: Sendable {
  /// The name of the split; the role of lists in a recipe.
  package let name: String
  package internal(set) var queries = 0
  package internal(set) var judgments = 0
  /// The judgments that repeat an earlier line.
  package internal(set) var repeated = 0
  /// The number of judgments of each grade.
  package internal(set) var grades: [Double: Int] = [:]
  /// The judged documents of a query.
  package internal(set) var listLengths = Distribution()
  package internal(set) var positives = Distribution()
  /// Queries without a relevant document, and queries without one that is not.
  package internal(set) var withoutPositives = 0
  package internal(set) var withoutNegatives = 0
  /// The first query without positives.
  var firstWithoutPositives: String?
  /// The judged ids that the collection lacks.
  package internal(set) var unresolvedQueries = 0
  package internal(set) var unresolvedDocuments = 0
  /// Documents with a teacher's score, in lists.
  package internal(set) var taught = 0
  /// The share of relevant documents among the first stage's candidates, in a recipe.
  package internal(set) var recall: Double?
  /// The lengths of pairs, of all or of an even sample.
  package internal(set) var pairs = Distribution()

  init(_ name: String) { self.name = name }

  /// Adds a query with the grades of its documents.
  mutating func add(query: String, _ labels: [Double], relevant grade: Double) {
    queries += 1
    judgments += labels.count
    for label in labels { grades[label, default: 0] += 1 }
    let relevant = labels.count { $0 >= grade }
    listLengths.add(labels.count)
    positives.add(relevant)
    if relevant == 0 {
      withoutPositives += 1
      firstWithoutPositives = firstWithoutPositives ?? query
    }
    if relevant == labels.count { withoutNegatives += 1 }
  }

  mutating func sort() {
    listLengths.sort()
    positives.sort()
    pairs.sort()
  }

  /// The grades with their numbers of judgments, the highest first; the rarest are summed up where
  /// there are many.
  private var gradeText: String {
    let sorted = grades.sorted { $0.key > $1.key }
    let shown = sorted.prefix(12).map { "\(plain($0.key)): \(grouped($0.value))" }
    return shown.joined(separator: ", ") + (sorted.count > 12 ? ", … (\(sorted.count) grades)" : "")
  }

  /// The survey as lines of a report.
  func rows(_ unit: String, extra: Int) -> [(name: String, value: String)] {
    var rows = [(name: String, value: String)]()
    rows.append(
      (
        name,
        "\(grouped(queries)) queries, \(grouped(judgments)) judged documents"
          + (repeated > 0 ? ", \(grouped(repeated)) more lines repeat one" : "")
      ))
    rows.append(("  grades", gradeText))
    rows.append(("  documents of a query", listLengths.text))
    rows.append(("  positives of a query", positives.text))
    var without: [String] = []
    if withoutPositives > 0 { without.append("\(grouped(withoutPositives)) without a positive") }
    if withoutNegatives > 0 { without.append("\(grouped(withoutNegatives)) without a negative") }
    if !without.isEmpty { rows.append(("  queries", without.joined(separator: ", "))) }
    var missing: [String] = []
    if unresolvedQueries > 0 { missing.append("\(grouped(unresolvedQueries)) queries") }
    if unresolvedDocuments > 0 { missing.append("\(grouped(unresolvedDocuments)) documents") }
    if !missing.isEmpty {
      rows.append(("  not in the collection", missing.joined(separator: ", ")))
    }
    if taught > 0 { rows.append(("  with a teacher's score", grouped(taught))) }
    if let recall { rows.append(("  relevant among candidates", percent(recall))) }
    if pairs.count > 0 {
      var cuts: [String] = []
      for length in Self.lengths {
        let share = pairs.share(above: length - extra)
        cuts.append("\(length): \(share == 0 ? "none" : percent(share))")
        if share == 0 { break }
      }
      // A word has one token or more.
      let name = unit == "words" ? "  cut at max_length, at least" : "  cut at max_length"
      rows.append((name, cuts.joined(separator: ", ")))
    }
    return rows
  }

  /// The maximum lengths for which a report says how many pairs they would cut.
  static let lengths = [128, 256, 512, 1024, 2048]

  func json(_ unit: String, extra: Int) -> JSONValue {
    var members: [String: JSONValue] = [
      "queries": .whole(queries), "judgments": .whole(judgments), "repeated": .whole(repeated),
      "grades": .object(
        Dictionary(uniqueKeysWithValues: grades.map { (plain($0.key), .whole($0.value)) })),
      "list_length": listLengths.json, "positives": positives.json,
      "without_positives": .whole(withoutPositives), "without_negatives": .whole(withoutNegatives),
      "unresolved_queries": .whole(unresolvedQueries),
      "unresolved_documents": .whole(unresolvedDocuments),
    ]
    if taught > 0 { members["taught"] = .whole(taught) }
    if let recall { members["candidate_recall"] = .number(recall) }
    if pairs.count > 0 {
      members["pair_\(unit)"] = pairs.json
      members["cut"] = .object(
        Dictionary(
          uniqueKeysWithValues: Self.lengths.map {
            ("\($0)", .number(pairs.share(above: $0 - extra)))
          }))
    }
    return .object(members)
  }
}

/// A grade without a fraction if it is an integer.
func plain(_ grade: Double) -> String { Int(exactly: grade).map(String.init) ?? "\(grade)" }
