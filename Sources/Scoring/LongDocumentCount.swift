/// The numbers of documents that were truncated or split during scoring.
package struct LongDocumentCount: Sendable {
  private let maximumLength: Int
  private var all = 0
  private var cut = 0
  private var split = 0

  /// Zero counts, for sequences of at most `maximumLength` tokens.
  package init(maximumLength: Int) { self.maximumLength = maximumLength }

  /// Adds the counts of some scores.
  package mutating func add(_ scores: PassageScores) {
    all += scores.scores.count
    cut += scores.cut
    split += scores.split
  }

  /// Notes on truncated and on split documents, one line each.
  package var notes: [String] {
    var notes: [String] = []
    if split > 0 {
      notes.append(
        "\(split) of \(all) documents were split into passages of \(maximumLength) tokens with the "
          + "query")
    }
    if cut > 0 {
      notes.append(
        "\(cut) of \(all) pairs were truncated: over \(maximumLength) tokens, or over the passage limit"
      )
    }
    return notes
  }
}
