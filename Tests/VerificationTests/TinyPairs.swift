import ModelSupport
import Models
import Tokenization
import Verification

extension TinyModel {
  /// Pairs of a tiny model's texts with these numbers of words in query and document.
  static func pairs(_ words: [(query: Int, document: Int)], of model: CrossEncoder)
    -> [EncodedPair]
  {
    words.enumerated().map { number, words in
      EncodedPair(
        query: text(words: words.query, seed: UInt64(number)),
        text: text(words: words.document, seed: UInt64(100 + number)),
        with: model.tokenizer, maximumLength: model.maximumLength)
    }
  }
}
