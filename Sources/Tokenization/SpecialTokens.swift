/// The tokens with a role, as exporters write them. The names are those of the roles in
/// transformers; which tokens have them is up to the tokenizer (`[CLS]` or `<s>`), and each may be
/// missing.
public struct SpecialTokens: Sendable, Equatable {
  /// A token's text and id.
  public struct Token: Sendable, Equatable {
    /// The text, such as `[SEP]`.
    public let text: String
    /// The id.
    public let id: Int32
  }

  /// The first fixed token of every sequence, which many heads read; nil where the post-processor
  /// adds none.
  public let cls: Token?
  /// The last fixed token of every sequence; nil where the post-processor adds none.
  public let sep: Token?
  /// Fills batches up to one length in programs that pad; nil where there is none.
  public let pad: Token?
  /// Stands for a word that cannot be split into pieces; nil where the model splits every word, as
  /// byte-level models do.
  public let unk: Token?
  /// Stands for a word to be guessed; nil where there is none.
  public let mask: Token?
}
