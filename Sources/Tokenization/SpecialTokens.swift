/// The tokens with a role, as exporters write them. The names are those of the roles in
/// transformers; the tokens depend on the tokenizer (`[CLS]` or `<s>`), and each may be missing.
public struct SpecialTokens: Sendable, Equatable {
  /// A token's text and id.
  public struct Token: Sendable, Equatable {
    /// The text, such as `[SEP]`.
    public let text: String
    /// The id.
    public let id: Int32
  }

  /// The first fixed token of every sequence, which many heads read; nil if the post-processor adds
  /// none.
  public let cls: Token?
  /// The last fixed token of every sequence; nil if the post-processor adds none.
  public let sep: Token?
  /// The padding token, for programs that pad batches to one length; nil if there is none.
  public internal(set) var pad: Token?
  /// The unknown token, for words that cannot be split into pieces; nil if the model splits every
  /// word, as byte-level models do.
  public let unk: Token?
  /// The mask token; nil if there is none.
  public let mask: Token?
}

extension Tokenizer {
  /// The same tokenizer with this padding token; nil if it is not an added token.
  package func padded(with text: String) -> Tokenizer? {
    model.vocabulary.id(of: text.utf8).flatMap { padded(with: $0) }
  }

  /// The same tokenizer with the padding token of this id; nil if it is not an added token.
  package func padded(with id: Int32) -> Tokenizer? {
    guard (rawTokens.tokens + normalizedTokens.tokens).contains(where: { $0.id == id }),
      let text = token(of: id)
    else { return nil }
    var tokenizer = self
    tokenizer.specialTokens.pad = SpecialTokens.Token(text: text, id: id)
    return tokenizer
  }
}
