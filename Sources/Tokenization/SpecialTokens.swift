/// The tokens with a role, as exporters write them.
public struct SpecialTokens: Sendable, Equatable {
  /// A token's text and id.
  public struct Token: Sendable, Equatable {
    /// The text, such as `[SEP]`.
    public let text: String
    /// The id.
    public let id: Int32
  }

  /// Stands first in every sequence and is what a head reads; nil where the post-processor adds
  /// none.
  public let cls: Token?
  /// Ends every sequence; nil where the post-processor adds none.
  public let sep: Token?
  /// Fills batches up to one length, where somebody needs that; nil where there is none.
  public let pad: Token?
  /// Stands for a word that cannot be split into pieces.
  public let unk: Token
  /// Stands for a word to be guessed; nil where there is none.
  public let mask: Token?
}
