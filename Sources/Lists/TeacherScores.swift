package import Corpora

/// A teacher's scores of the pairs of judged queries, from a run.
package struct TeacherScores: Sendable {
  private struct Key: Hashable, Sendable {
    var query: Int
    var document: Int
  }

  private var scores: [Key: Double] = [:]
  /// The number of pairs looked up.
  package private(set) var pairs = 0

  /// Looks up the judged documents and candidates of `queries`; `documentIDs` are those of the
  /// library.
  package init(_ run: Run, _ queries: [JudgedQuery], documentIDs: [String]) {
    for query in queries {
      let known = Dictionary(
        run.documents(of: query.id).map { ($0.document, $0.score) },
        uniquingKeysWith: { first, _ in first })
      let documents = query.judged.map(\.document) + query.candidates.map(\.document)
      for document in Set(documents) {
        pairs += 1
        scores[Key(query: query.query, document: document)] = known[documentIDs[document]]
      }
    }
  }

  /// Scores of 0 for all of these, in a forecast of a run whose teacher has not scored them yet.
  package init(pendingFor queries: [JudgedQuery]) {
    for query in queries {
      for document in query.judged.map(\.document) + query.candidates.map(\.document) {
        scores[Key(query: query.query, document: document)] = 0
      }
    }
    pairs = scores.count
  }

  /// The number of pairs with a score.
  package var taught: Int { scores.count }

  /// The teacher's score of a pair.
  package func score(query: Int, document: Int) -> Double? {
    scores[Key(query: query, document: document)]
  }
}
