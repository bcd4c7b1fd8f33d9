/// The answer tokens of a causal language model that judges relevance, such as "yes" and "no": the
/// score of a pair is the logit of the positive token after the prompt, minus that of the negative
/// one if there is one.
public struct AnswerHead: Sendable, Equatable {
  /// The id of the token that means relevant.
  public var positive: Int
  /// The id of the token that means not relevant; nil where the positive token's logit alone is the
  /// score.
  public var negative: Int?

  /// Answer tokens by their ids.
  public init(positive: Int, negative: Int? = nil) {
    (self.positive, self.negative) = (positive, negative)
  }
}

/// The output layer of a language model in weight files: a row for each token, `[vocabulary,
/// hidden]`. Of its rows only those of answers are read, into a score head.
public struct LanguageHead: Sendable, Equatable {
  /// The prefix of its tensor's name: `lm_head`.
  public var name: String
  /// Whether its rows are the token embeddings.
  public var isTied: Bool
  /// The bound of logits: cap · tanh(logit / cap) (Gemma 2); nil for none. Scores are logits before
  /// it.
  public var cap: Float?
  /// Whether a tensor of its own takes the place of the token embeddings where files have one, as
  /// transformers 5 loads T5.
  public var yieldsToOwn = false
  /// The factor of logits: 1/√hidden in T5, whose output layer is tied.
  public var scale: Float = 1
  /// The token whose logit exports make the score where no answers are known; nil if exports have a
  /// score head, and no output layer.
  public var exportedAnswer: String?

  package init(_ name: String, isTied: Bool, cap: Float? = nil) {
    (self.name, self.isTied, self.cap) = (name, isTied, cap)
  }
}
