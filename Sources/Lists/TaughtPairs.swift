package import Diagnostics
import Files
package import Options

/// The pairs of training queries and documents that a teacher scores, judged documents and candidates
/// alike, with their texts.
package struct TaughtPairs: Sendable {
  /// A query with its documents.
  package struct Query: Sendable {
    /// The query's id.
    package var id: String
    /// The query's text.
    package var text: String
    /// The numbers of its documents, each once, ascending.
    package var documents: [Int]
  }

  /// The queries.
  package let queries: [Query]
  /// The ids and texts of the documents, by their numbers.
  package let documents: [(id: String, text: String)]

  /// Reads the pairs of a source.
  ///
  /// - Throws: errors of reading it, as training would.
  package init(of source: TrainingSource) throws(Failure) {
    let texts = PlainTexts()
    var library = TextLibrary(texts)
    let judged = try library.queries(of: source) { _ in }
    queries = judged.map { query in
      Query(
        id: query.id, text: texts.queries[query.query],
        documents: Set(query.judged.map(\.document) + query.candidates.map(\.document)).sorted())
    }
    documents = zip(library.documentIDs, texts.documents).map { (id: $0, text: $1) }
  }

  /// The number of pairs.
  package var count: Int { queries.reduce(0) { $0 + $1.documents.count } }

  /// The first queries, with `pairs` pairs or a few more.
  package func prefix(_ pairs: Int) -> ArraySlice<Query> {
    var (count, end) = (0, 0)
    while end < queries.count, count < pairs {
      count += queries[end].documents.count
      end += 1
    }
    return queries[..<end]
  }

  /// A checksum of all ids and texts.
  package var checksum: String {
    var digest = Digest()
    for document in documents {
      digest.add(document.id)
      digest.add(document.text)
    }
    for query in queries {
      digest.add(query.id)
      digest.add(query.text)
      digest.add(query.documents.map(String.init).joined(separator: " "))
    }
    return digest.hexadecimal
  }
}

/// Texts as they are.
private final class PlainTexts: TextReceiver {
  var queries: [String] = []
  var documents: [String] = []

  func append(query: String) { queries.append(query) }
  func append(document: String) { documents.append(document) }
}
