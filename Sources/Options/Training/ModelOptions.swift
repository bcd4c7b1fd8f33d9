/// The model to train.
public struct ModelOptions: Sendable, Equatable {
  /// A Hugging Face directory or an archive holding one. An encoder without a score head gets a newly
  /// initialised one.
  public var base = ""
  /// Where the weights come from.
  public var weights = InitialWeights.base
  /// The layers of the base that the model begins with; nil for all.
  public var layers: LayerChoice?
  /// The name or number of the label that means relevant, for a classifier with several labels;
  /// training continues from its score. Nil for a newly initialised head.
  public var label: String?
  /// The maximum number of tokens per pair of query and document; a longer pair is truncated.
  public var maximumLength = 256
  /// The dropout rate during training, instead of that in the model's configuration.
  public var dropout: Double?
  /// The number of token types in a pair: 1 if query and document share a type, 2 if the document
  /// has its own; nil for the base's number.
  public var tokenTypes: Int?
  /// The text in which the model reads pairs, with `{query}` and `{document}`; the name of a known
  /// one, or `none`; nil for that of the base.
  public var prompt: String?
  /// The instruction in the prompt; nil for the prompt's own.
  public var instruction: String?
  /// The answers of a language model whose logits give the score, the positive one first; empty for
  /// the prompt's own.
  public var answers: [String] = []
  /// The parts of the encoder that training does not change.
  public var freeze: [FrozenPart] = []
  /// The adapters that are trained with the score head in place of the encoder's weights; nil to
  /// train these.
  public var lora: LoRAOptions?
  /// Scores after some of the layers below the last; nil for none.
  public var exits: ExitOptions?

  /// The default options.
  public init() {}
}

/// The weights that training begins with.
public enum InitialWeights: String, Sendable, CaseIterable {
  /// Those of the base.
  case base
  /// Newly initialised ones, for a base of which only the configuration and the tokenizer count.
  case new
}
