import Corpora
import Diagnostics
import Options

/// Exclusion checks on a document's text, as a negative of one query.
struct TextChecks {
  private let exclusions: Exclusions
  private let texts: DocumentTexts
  private let pattern: Pattern?
  private let query: NormalizedText
  private let answers: [NormalizedText]
  private let positives: [(id: String, entry: DocumentTexts.Entry)]

  /// Reads the positives if documents are compared with them; nil if no check needs a document's
  /// text.
  init?(_ work: QueryWork) throws(Failure) {
    exclusions = work.plan.exclusions
    guard work.plan.readsTexts else { return nil }
    texts = work.miner.texts
    pattern = work.miner.pattern
    query = NormalizedText(work.query.text)
    answers = work.plan.answers?.answers(of: work.query.id) ?? []
    var positives: [(id: String, entry: DocumentTexts.Entry)] = []
    if exclusions.duplicates || exclusions.nearDuplicates != nil {
      for positive in work.positives {
        positives.append((positive.id, try texts.entry(at: positive.index)))
      }
    }
    self.positives = positives
  }

  /// The reason to reject the document at a corpus position, or nil.
  ///
  /// - Parameter positive: the id of a positive that is treated as unjudged.
  func rejection(
    of index: Int, asIfUnknown positive: String? = nil
  ) throws(Failure) -> Rejection? {
    let entry = try texts.entry(at: index)
    if exclusions.empty, entry.isEmpty { return .empty }
    if exclusions.queryText, !query.isEmpty, [entry.words, entry.body].contains(query.hash) {
      return .queryText
    }
    let others = positives.lazy.filter { $0.id != positive }
    if exclusions.duplicates, others.contains(where: { $0.entry.words == entry.words }) {
      return .duplicate
    }
    if let limit = exclusions.nearDuplicates, let own = entry.shingles,
      others.contains(where: { $0.entry.shingles.map { own.resemblance(to: $0) >= limit } ?? false }
      )
    {
      return .nearDuplicate
    }
    if !answers.isEmpty {
      let words = NormalizedText(entry.content)
      if answers.contains(where: words.contains) { return .answer }
    }
    if let pattern, try pattern.isFound(in: entry.content) { return .pattern }
    return nil
  }
}
