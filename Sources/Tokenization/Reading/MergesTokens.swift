/// The special and added tokens of a tokenizer in `vocab.json` and `merges.txt`, which neither of
/// the two files has.
package struct MergesTokens: Sendable {
  /// A role of a token, under the name of `tokenizer_config.json` without `_token`.
  package enum Role: String, Sendable, CaseIterable {
    case cls, sep, unk, pad, mask, bos, eos

    /// RoBERTa's token.
    var standard: AddedTokenEntry {
      switch self {
      case .cls, .bos: return AddedTokenEntry("<s>")
      case .sep, .eos: return AddedTokenEntry("</s>")
      case .unk: return AddedTokenEntry("<unk>")
      case .pad: return AddedTokenEntry("<pad>")
      case .mask:
        var token = AddedTokenEntry("<mask>")
        token.stripsLeft = true
        return token
      }
    }

    /// Whether RoBERTa's token must be in the vocabulary if no other one is named.
    var isRequired: Bool { self == .cls || self == .sep || self == .unk }
  }

  /// The named tokens; other roles have RoBERTa's tokens if the vocabulary has these.
  package var roles: [Role: AddedTokenEntry] = [:]
  /// Further tokens. Those that the vocabulary lacks get the ids after its own, in this order; the
  /// flags of a token with a role are these.
  package var added: [AddedTokenEntry] = []

  /// RoBERTa's tokens.
  package init() {}

  /// The token of a role, named or RoBERTa's.
  func token(of role: Role) -> AddedTokenEntry { roles[role] ?? role.standard }
}
