import Batches
import Diagnostics
import Files
import Mining
import Recipes
import Scoring

/// A cross-encoder that scores what is mined: raw logits.
struct CrossEncoderTeacher: TeacherScorer {
  private let scorer: PairScorer
  private let maximumLength: Int
  /// The weights and the length.
  let fingerprint: String

  /// How many pairs are scored at once at least, as far as there are so many.
  private static let pairsAtOnce = 1024

  /// Loads the model of a job.
  init(_ section: TeacherSection) throws(Failure) {
    let model = try ScoringModel(
      section.model, label: section.label, maximumLength: section.maxLength)
    scorer = PairScorer(
      model.encoder, precision: try PrecisionOption(section.precision).forInference())
    maximumLength = model.maximumLength
    var hash = StableHash()
    model.encoder.parameters.values.floats.withSpan { hash.add($0) }
    fingerprint = "\(hash.text) \(maximumLength)"
  }

  func scores(of requests: [TeacherRequest]) throws(Failure) -> [[Double]] {
    var scores: [[Double]] = []
    var next = 0
    while next < requests.count {
      var tokens = PairTokens(scorer.model.tokenizer)
      var numbers: [String: Int] = [:]
      var pairs: [Pair] = []
      let first = next
      while next < requests.count, pairs.count < Self.pairsAtOnce {
        let query = tokens.append(query: requests[next].query)
        for text in requests[next].documents {
          let document = numbers[text] ?? tokens.append(document: text)
          numbers[text] = document
          pairs.append(Pair(query: query, document: document))
        }
        next += 1
      }
      var values = scorer.scores(of: pairs, in: tokens, maximumLength: maximumLength)[...]
      for request in requests[first..<next] {
        // The digits of 32 bits, so that files are not longer than what is known.
        scores.append(values.prefix(request.documents.count).map { Double("\($0)") ?? .nan })
        values = values.dropFirst(request.documents.count)
      }
    }
    return scores
  }
}
