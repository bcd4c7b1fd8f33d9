package import Diagnostics
package import ModelFiles
package import Models
package import Tokenization

/// A cross-encoder that can score pairs, with their maximum length.
package struct ScoringModel: Sendable {
  /// The model.
  package private(set) var encoder: CrossEncoder
  /// The information in its files besides configuration and weights.
  package private(set) var notes: ModelNotes
  /// The maximum number of tokens of a pair.
  package let maximumLength: Int

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - label: for a classifier with several labels, the one that means relevant.
  ///   - length: the maximum number of tokens of a pair; nil for the model's own.
  ///   - prompt: how pairs are read, instead of what the model's files say.
  ///   - adapters: new adapters to train; nil for the model as it is.
  ///   - tell: called with notes about the model, even if loading fails later.
  /// - Throws: `Failure` if the model cannot be loaded, computes no score or cannot encode pairs,
  ///   and for a length that exceeds its positions.
  package init(
    _ path: String, label: String?, maximumLength length: Int?,
    prompt: PromptChoice = PromptChoice(), adapters: AdapterPlan? = nil, tell: (String) -> Void
  ) throws(Failure) {
    let source = try ModelSource(path).with(prompt, .usage) { Place("--\($0)") }
    var notes = try ModelNotes(of: source)
    // A recognised or given prompt is part of the model in everything that is made of it.
    notes.prompt = source.sidecar.prompt
    self.notes = notes
    let use = HeadUse.scoring(label: label)
    encoder =
      if let adapters {
        try CrossEncoder(
          source, seed: 0, for: use, adapting: adapters, at: { Place("--lora-\($0)") })
      } else { try CrossEncoder(source, seed: 0, for: use) }
    for notice in encoder.notices { tell("note: \(notice)") }
    if let notice = source.promptNotice { tell("note: \(notice)") }
    if let warning = source.promptWarning { tell("warning: \(warning)") }
    if !encoder.fresh.isEmpty {
      tell("warning: the model has no trained score head: its scores are meaningless")
    }
    try Self.checkPairs(encoder, path)
    maximumLength = try pairLength(
      length, tokenizer: encoder.tokenizer, positions: encoder.maximumLength,
      notes.maximumLength(for: encoder.sidecar, positions: encoder.maximumLength), path)
  }

  /// The model of the layers up to an exit. The weight of a fusion was selected for the whole model's
  /// scores, and is left out.
  ///
  /// - Throws: `usage` if there is no such exit.
  package func cut(toLayers count: Int) throws(Failure) -> ScoringModel {
    var model = self
    model.encoder = try encoder.cut(toLayers: count)
    model.notes.fusionWeight = nil
    return model
  }

  /// Rejects a tokenizer whose pairs the encoder does not support.
  private static func checkPairs(
    _ encoder: CrossEncoder, _ path: String
  ) throws(Failure) {
    let tokenizer = encoder.tokenizer
    let tokenTypes = encoder.blueprint.tokenTypes
    let specials = tokenizer.specialTokensInPair
    let token = [tokenizer.probeToken]
    let pair = tokenizer.encodePair(query: token, text: token, maxLength: specials + 2)
    guard specials > 0 || encoder.sidecar.prompt != nil else {
      throw Failure(
        .badData, "the tokenizer adds no special tokens to a pair", at: Place(path),
        expected: "a post_processor such as [CLS] A [SEP] B [SEP], or a prompt",
        remedy: "give the prompt that the model was trained with: --prompt")
    }
    guard pair.ids.allSatisfy({ $0 >= 0 && Int($0) < encoder.blueprint.vocabularySize }) else {
      throw Failure(
        .badData, "the tokenizer adds special tokens that the model lacks", at: Place(path),
        expected: "ids below \(encoder.blueprint.vocabularySize), vocab_size in config.json")
    }
    // A model without token type embeddings ignores token types.
    guard
      !encoder.blueprint.hasTokenTypes
        || pair.typeIDs.allSatisfy({ $0 >= 0 && Int($0) < tokenTypes })
    else {
      throw Failure(
        .badData, "the tokenizer assigns token types that the model lacks", at: Place(path),
        expected: "types below \(tokenTypes), type_vocab_size in config.json")
    }
  }
}

/// The maximum number of tokens of a pair: the user's or else the model's own.
///
/// - Throws: `usage` for fewer tokens than the special tokens plus one of each text, and for more
///   than there are positions; `badData` if the model's own length is outside these bounds.
package func pairLength(
  _ asked: Int?, tokenizer: Tokenizer, positions: Int, _ own: Int, _ path: String,
  option: String = "--max-length"
) throws(Failure) -> Int {
  let least = tokenizer.leastTokensInPair + 2
  let length = asked ?? own
  guard length >= least, length <= positions else {
    throw Failure(
      asked == nil ? .badData : .usage,
      "the maximum length of \(length) tokens is too \(length < least ? "small" : "large")",
      at: asked == nil ? Place(path) : nil,
      expected: "from \(least) to \(positions) tokens (the model has \(positions) positions)",
      remedy: "change \(option)")
  }
  return length
}
