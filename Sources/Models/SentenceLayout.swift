public import Autodiff

/// How a model makes one embedding of a text, as the files of a sentence-transformers directory say
/// (Reimers and Gurevych, 2019).
public struct SentenceLayout: Sendable, Equatable {
  /// How tokens become one embedding.
  public var pooling = SequencePooling.mean
  /// Whether embeddings are compared by their cosines, so that they may be scaled to length 1; else
  /// by their scalar products.
  public var comparesCosines = true
  /// The most tokens of a text, where the files say.
  public var maximumLength: Int?
  /// Whether texts are put in lower case before they are tokenized.
  public var lowercases = false
  /// What precedes every query.
  public var queryPrompt = ""
  /// What precedes every document.
  public var documentPrompt = ""

  /// The defaults: the mean, compared by cosines, without prompts.
  public init() {}
}
