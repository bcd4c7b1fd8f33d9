import Diagnostics
import JSON

/// A format of mined lists, written query by query. A new one is one value like those below, and
/// one more entry in `all`.
public struct OutputFormat: Sendable {
  /// Its name in a job.
  public let name: String
  /// The name of the file.
  public let file: String
  /// Whether the format needs teacher scores.
  let needsTeacher: Bool
  /// The lines of a query.
  let lines: @Sendable (WrittenQuery) throws(Failure) -> [UInt8]

  /// All formats, in the order of listings.
  public static let all: [OutputFormat] = [.lists, .triplets, .tuples, .pairs, .run, .teacherRun]
}

/// A mined query, with the texts of its documents if these are to be written.
struct WrittenQuery {
  let mined: MinedQuery
  /// Texts by corpus position; nil if only ids are written.
  let texts: [Int: String]?

  func addQuery(to line: inout JSONWriter) {
    line.add("query_id", mined.id)
    if texts != nil { line.add("query", mined.text) }
  }

  func text(_ document: MinedDocument) -> String? { texts?[document.index] }
}

extension OutputFormat {
  /// One line per query: the format of `data.train.lists` in a training recipe.
  static let lists = OutputFormat(name: "lists", file: "lists.jsonl", needsTeacher: false) {
    query throws(Failure) in
    JSONWriter.object { line in
      query.addQuery(to: &line)
      line.add("documents", query.mined.positives + query.mined.negatives) { document, line in
        line.add("id", document.id)
        if let text = query.text(document) { line.add("text", text) }
        line.add("label", document.label)
        document.addOrigin(to: &line)
      }
    }
  }

  /// One line per pair of a positive and a negative.
  static let triplets = OutputFormat(
    name: "triplets", file: "triplets.jsonl", needsTeacher: false
  ) { query throws(Failure) in
    query.mined.positives.flatMap { positive in
      query.mined.negatives.flatMap { negative in
        JSONWriter.object { line in
          query.addQuery(to: &line)
          query.add(positive, as: "positive", to: &line)
          query.add(negative, as: "negative", to: &line)
          negative.addOrigin(to: &line)
          line.add("positive_teacher", positive.teacher)
        }
      }
    }
  }

  /// One line per positive, with all negatives.
  static let tuples = OutputFormat(name: "tuples", file: "tuples.jsonl", needsTeacher: false) {
    query throws(Failure) in
    query.mined.positives.flatMap { positive in
      JSONWriter.object { line in
        query.addQuery(to: &line)
        query.add(positive, as: "positive", to: &line)
        line.add("positive_teacher", positive.teacher)
        line.add("negatives", query.mined.negatives) { negative, line in
          line.add("id", negative.id)
          if let text = query.text(negative) { line.add("text", text) }
          negative.addOrigin(to: &line)
        }
      }
    }
  }

  /// One line per document, with its label.
  static let pairs = OutputFormat(name: "pairs", file: "pairs.jsonl", needsTeacher: false) {
    query throws(Failure) in
    (query.mined.positives + query.mined.negatives).flatMap { document in
      JSONWriter.object { line in
        query.addQuery(to: &line)
        line.add("id", document.id)
        if let text = query.text(document) { line.add("text", text) }
        line.add("label", document.label)
        document.addOrigin(to: &line)
      }
    }
  }

  /// The negatives as a TREC run with the first stage's scores; the tag is the source.
  static let run = OutputFormat(name: "run", file: "negatives.run", needsTeacher: false) {
    query throws(Failure) in
    let scores = query.mined.negatives.compactMap(\.score)
    // Documents from the whole corpus have no score and rank below all others.
    let lowest = scores.min() ?? 0
    var unscored = 0.0
    var ranked: [(MinedDocument, Double)] = []
    for negative in query.mined.negatives {
      if negative.score == nil { unscored += 1 }
      ranked.append((negative, negative.score ?? lowest - unscored))
    }
    return trec(query.mined.id, ranked)
  }

  /// Positives and negatives as a TREC run with the teacher's scores: the format of `teacher` in a
  /// recipe.
  static let teacherRun = OutputFormat(
    name: "teacher_run", file: "teacher.run", needsTeacher: true
  ) { query throws(Failure) in
    trec(
      query.mined.id,
      (query.mined.positives + query.mined.negatives).compactMap { document in
        document.teacher.map { (document, $0) }
      })
  }

  /// Whether ids are separated by whitespace, so that they must not contain any.
  var needsPlainIDs: Bool { file.hasSuffix(".run") }

  /// Rejects an id that the format cannot express.
  func check(_ id: String, _ kind: String) throws(Failure) {
    guard id.utf8.contains(where: { $0 <= 0x20 }) else { return }
    throw Failure(
      .badData,
      "the id of the \(kind) '\(id)' contains whitespace, which a TREC run cannot represent",
      expected: "ids without whitespace or control characters",
      remedy: "remove the format '\(name)'")
  }

  private static func trec(
    _ query: String, _ documents: [(document: MinedDocument, score: Double)]
  ) -> [UInt8] {
    var text = ""
    let ordered = documents.sorted { a, b in
      a.score != b.score
        ? a.score > b.score
        : b.document.id.utf8.lexicographicallyPrecedes(a.document.id.utf8)
    }
    for (rank, (document, score)) in ordered.enumerated() {
      let tag = document.source.split(whereSeparator: \.isWhitespace).joined(separator: "_")
      text += "\(query) Q0 \(document.id) \(rank + 1) \(score) \(tag.isEmpty ? "ltr" : tag)\n"
    }
    return Array(text.utf8)
  }
}

extension WrittenQuery {
  fileprivate func add(_ document: MinedDocument, as name: String, to line: inout JSONWriter) {
    line.add(name + "_id", document.id)
    if let text = text(document) { line.add(name, text) }
  }
}

extension MinedDocument {
  /// Writes the source of a document, its rank, its scores.
  fileprivate func addOrigin(to line: inout JSONWriter) {
    line.add("source", source)
    line.add("rank", rank)
    line.add("score", score)
    line.add("teacher", teacher)
  }
}
