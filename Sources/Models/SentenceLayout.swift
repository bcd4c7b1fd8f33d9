public import Autodiff

/// The computation of a text's embedding as described in the files of a sentence-transformers
/// directory (Reimers and Gurevych, 2019).
public struct SentenceLayout: Sendable, Equatable {
  /// The pooling of tokens into one embedding.
  public var pooling = SequencePooling.mean
  /// Whether embeddings are compared by their cosines, so that they may be normalised to length 1;
  /// otherwise by their dot products.
  public var comparesCosines = true
  /// The maximum number of tokens per text, if the files have it.
  public var maximumLength: Int?
  /// Whether texts are lowercased before tokenization.
  public var lowercases = false
  /// The prefix of every query.
  public var queryPrompt = ""
  /// The prefix of every document.
  public var documentPrompt = ""

  /// The defaults: mean pooling, comparison by cosines, no prompts.
  public init() {}
}
