import Diagnostics
import Export
import Models
import Tokenization

/// How far the scores that llama.cpp computes from a GGUF file are from the model's, for a few pairs: it
/// approximates GELU, and knows one type of tokens.
///
/// - Throws: `badData` where the file is not what was to be written.
func llamaDifference(
  reading path: String, of model: CrossEncoder, maximumLength: Int
) throws(Failure) -> Float {
  let scorer = try GGUFScorer(try GGUFReader(path: path))
  let pairs = EncodedPair.samples(with: model.tokenizer, maximumLength: maximumLength)
    .map { EncodedSequence(ids: $0.ids, typeIDs: $0.types) }
  let (own, llama) = (
    try scorer.scores(of: pairs, by: .model), try scorer.scores(of: pairs, by: .llama)
  )
  return zip(own, llama).map { abs($0 - $1) }.max() ?? 0
}
