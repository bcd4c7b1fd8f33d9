import Corpora
import Diagnostics

/// Groups of queries with the same words, and their relevant documents.
struct SameTexts {
  private var groups: [String: [String]] = [:]
  private var relevant: [String: [String]] = [:]

  /// No two queries have the same words.
  init() {}

  /// Reads the judged queries once; of most queries only a hash is stored, and only during this
  /// call.
  init(
    _ collection: Collection, _ judgments: Judgments, minimumGrade: Double
  ) throws(Failure) {
    var byText: [UInt64: [String]] = [:]
    for id in judgments.queries {
      guard let index = collection.queryIndex(of: id) else { continue }
      let words = NormalizedText(try collection.query(at: index).text)
      if !words.isEmpty { byText[words.hash, default: []].append(id) }
    }
    for group in byText.values where group.count > 1 {
      for id in group {
        groups[id] = group
        relevant[id] = judgments.judgments(of: id).filter { $0.grade >= minimumGrade }
          .map(\.document)
      }
    }
  }

  /// The positives of the other queries that have the same words as this one.
  func positives(besides query: String) -> Set<String> {
    var all: Set<String> = []
    for other in groups[query] ?? [] where other != query {
      all.formUnion(relevant[other] ?? [])
    }
    return all
  }
}
