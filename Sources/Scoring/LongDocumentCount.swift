/// How many documents were too long for one sequence, counted as they are scored.
package struct LongDocumentCount: Sendable {
  private let maximumLength: Int
  private var all = 0
  private var cut = 0
  private var split = 0

  /// None so far; sequences have at most `maximumLength` tokens.
  package init(maximumLength: Int) { self.maximumLength = maximumLength }

  /// Adds some scores.
  package mutating func add(_ scores: PassageScores) {
    all += scores.scores.count
    cut += scores.cut
    split += scores.split
  }

  /// What was not read as a whole or in one piece, a line for each.
  package var notes: [String] {
    var notes: [String] = []
    if split > 0 {
      notes.append(
        "\(split) of \(all) documents were split into passages of \(maximumLength) tokens with the "
          + "query")
    }
    if cut > 0 {
      notes.append(
        "\(cut) of \(all) pairs were cut: more than \(maximumLength) tokens, or too many passages")
    }
    return notes
  }
}
