package import Diagnostics
import Files
package import Mining
package import Scoring

/// A cross-encoder as the teacher of a mining job: its scores are raw logits.
package struct CrossEncoderTeacher: TeacherScorer {
  private let lists: ListScorer
  /// The identity of the weights and of the maximum length.
  package let fingerprint: String

  /// A teacher that scores pairs of at most `maximumLength` tokens; longer ones are truncated.
  package init(_ scorer: PairScorer, maximumLength: Int) {
    lists = ListScorer(scorer, maximumLength: maximumLength)
    var hash = JournalHash()
    scorer.model.parameters.values.floats.withSpan { hash.add($0) }
    fingerprint = "\(hash.text) \(maximumLength)"
  }

  package func scores(of requests: [TeacherRequest]) throws(Failure) -> [[Double]] {
    var scores: [[Double]] = []
    var next = 0
    try lists.score { chunk throws(Failure) in
      guard next < requests.count else { return false }
      chunk.append(query: requests[next].query)
      for text in requests[next].documents {
        try chunk.append(document: text) { () throws(Failure) in text }
      }
      next += 1
      return true
    } scored: { found, places throws(Failure) in
      // The shortest digits of the 32-bit number, so that files carry no meaningless digits.
      for place in places { scores.append(found.scores[place].map { Double("\($0)") ?? .nan }) }
    }
    return scores
  }
}
