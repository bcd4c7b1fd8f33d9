import Corpora
import Diagnostics

/// Queries of the same words, and what is relevant for them.
struct SameTexts {
  private var groups: [String: [String]] = [:]
  private var relevant: [String: [String]] = [:]

  /// No two queries are the same.
  init() {}

  /// Reads the judged queries once; of most only a hash is kept, and that only meanwhile.
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

  /// The positives of the other queries with the words of this one.
  func positives(besides query: String) -> Set<String> {
    var all: Set<String> = []
    for other in groups[query] ?? [] where other != query {
      all.formUnion(relevant[other] ?? [])
    }
    return all
  }
}
