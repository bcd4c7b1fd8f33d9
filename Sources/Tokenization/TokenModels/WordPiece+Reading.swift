import Diagnostics

extension WordPiece {
  static let kind = StageKind<TokenModel>("WordPiece") { (section) throws(Failure) in
    .wordPiece(try WordPiece(section))
  }

  /// Reads the section `model`.
  init(_ section: TokenizerSection) throws(Failure) {
    let vocabulary = try Vocabulary(section.member("vocab"))
    let unknown = try section.member("unk_token")
    guard let id = vocabulary.id(of: try unknown.string().utf8) else {
      throw unknown.unsupported(expected: "a token of model.vocab, which lacks this one")
    }
    self.init(
      pieces: vocabulary,
      continuationPrefix: Array(try section.member("continuing_subword_prefix").string().utf8),
      unknown: id,
      longestWord: Int(try section.member("max_input_chars_per_word").integer()))
  }
}
