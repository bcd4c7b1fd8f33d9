/// The special and added tokens of a tokenizer in `vocab.json` and `merges.txt`, which neither of
/// the two files has.
package struct MergesTokens: Sendable {
  /// A token that texts are searched for.
  package struct Token: Sendable {
    package var text: String
    package var isSpecial = true
    package var isSingleWord = false
    package var stripsLeft = false
    package var stripsRight = false
    package var isNormalized = false

    package init(_ text: String) { self.text = text }
  }

  /// A role of a token, under the name of `tokenizer_config.json` without `_token`.
  package enum Role: String, Sendable, CaseIterable {
    case cls, sep, unk, pad, mask, bos, eos

    /// RoBERTa's token.
    var standard: Token {
      switch self {
      case .cls, .bos: return Token("<s>")
      case .sep, .eos: return Token("</s>")
      case .unk: return Token("<unk>")
      case .pad: return Token("<pad>")
      case .mask:
        var token = Token("<mask>")
        token.stripsLeft = true
        return token
      }
    }

    /// Whether RoBERTa's token must be in the vocabulary if no other one is named.
    var isRequired: Bool { self == .cls || self == .sep || self == .unk }
  }

  /// The named tokens; other roles have RoBERTa's tokens if the vocabulary has these.
  package var roles: [Role: Token] = [:]
  /// Further tokens. Those that the vocabulary lacks get the ids after its own, in this order; the
  /// flags of a token with a role are these.
  package var added: [Token] = []

  /// RoBERTa's tokens.
  package init() {}

  /// The token of a role, named or RoBERTa's.
  func token(of role: Role) -> Token { roles[role] ?? role.standard }
}
