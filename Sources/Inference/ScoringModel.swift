package import Diagnostics
package import ModelFiles
package import Models
package import Tokenization

/// A cross-encoder that is fit to score, with how long its pairs may be.
package struct ScoringModel: Sendable {
  /// The model.
  package let encoder: CrossEncoder
  /// What its files say beside configuration and weights.
  package let notes: ModelNotes
  /// The most tokens of a pair.
  package let maximumLength: Int

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - label: of a classifier with several labels, the one that means relevant.
  ///   - length: the most tokens of a pair; nil for the model's own.
  ///   - tell: gets what is worth knowing about the model, also where loading fails later.
  /// - Throws: `Failure` where the model cannot be loaded, gives no score or cannot read pairs, and
  ///   for a length it has no positions for.
  package init(
    _ path: String, label: String?, maximumLength length: Int?, tell: (String) -> Void
  ) throws(Failure) {
    let source = try ModelSource(path)
    notes = try ModelNotes(of: source)
    encoder = try CrossEncoder(source, seed: 0, for: .scoring(label: label))
    for notice in encoder.notices { tell("note: \(notice)") }
    if !encoder.fresh.isEmpty {
      tell("warning: the model has no trained score head: its scores mean nothing")
    }
    try Self.checkPairs(encoder, path)
    maximumLength = try pairLength(
      length, tokenizer: encoder.tokenizer, positions: encoder.maximumLength,
      notes.maximumLength(for: encoder.sidecar, positions: encoder.maximumLength), path)
  }

  /// Refuses a tokenizer whose pairs the encoder cannot read.
  private static func checkPairs(
    _ encoder: CrossEncoder, _ path: String
  ) throws(Failure) {
    let tokenizer = encoder.tokenizer
    let tokenTypes = encoder.blueprint.tokenTypes
    let specials = tokenizer.specialTokensInPair
    let token = [tokenizer.probeToken]
    let pair = tokenizer.encodePair(query: token, text: token, maxLength: specials + 2)
    guard specials > 0 else {
      throw Failure(
        .badData, "the tokenizer puts no special tokens around a pair", at: Place(path),
        expected: "a post_processor such as [CLS] A [SEP] B [SEP]")
    }
    guard pair.ids.allSatisfy({ $0 >= 0 && Int($0) < encoder.blueprint.vocabularySize }) else {
      throw Failure(
        .badData, "the tokenizer puts tokens around a pair that the model lacks", at: Place(path),
        expected: "ids below \(encoder.blueprint.vocabularySize), vocab_size in config.json")
    }
    // A model without a table of token types does not look at them.
    guard
      !encoder.blueprint.hasTokenTypes
        || pair.typeIDs.allSatisfy({ $0 >= 0 && Int($0) < tokenTypes })
    else {
      throw Failure(
        .badData, "the tokenizer gives token types that the model lacks", at: Place(path),
        expected: "types below \(tokenTypes), type_vocab_size in config.json")
    }
  }
}

/// The most tokens of a pair: what the user said, or else the model's own.
///
/// - Throws: `usage` for fewer than the special tokens and one of each text take, and for more than
///   there are positions for; `badData` where the model's own length is such a one.
package func pairLength(
  _ asked: Int?, tokenizer: Tokenizer, positions: Int, _ own: Int, _ path: String,
  option: String = "--max-length"
) throws(Failure) -> Int {
  let least = tokenizer.specialTokensInPair + 2
  let length = asked ?? own
  guard length >= least, length <= positions else {
    throw Failure(
      asked == nil ? .badData : .usage,
      "\(length) tokens are \(length < least ? "too few" : "too many") for a pair",
      at: asked == nil ? Place(path) : nil,
      expected: "from \(least) to \(positions) tokens, for which this model has positions",
      remedy: "give another \(option)")
  }
  return length
}
