import Diagnostics

extension WordPattern {
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, which is also
  /// what `ByteLevel` splits by.
  static let gpt2 = WordPattern(ignoresCase: false, takesAnyPrefix: false, takesLineEnds: false)

  /// The supported expressions, with the models that have them. An equivalent expression that is
  /// written differently is not recognised.
  private static let known: [(models: String, expression: String, pattern: WordPattern)] = [
    (
      "GPT-2, RoBERTa", #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|"# + spaces,
      gpt2
    ),
    (
      "CLIP", #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#,
      WordPattern(
        ignoresCase: false, takesAnyPrefix: false, takesSpaces: false, mostNumbers: 1,
        takesLineEnds: false)
    ),
    (
      "Llama 3, OLMo 2, cl100k",
      contractions + #"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"#
        + spaces, WordPattern(mostNumbers: 3)
    ),
    (
      "Qwen2, Qwen3",
      contractions + #"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"#
        + spaces, WordPattern(mostNumbers: 1)
    ),
    (
      "Qwen3.5",
      contractions + #"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"#
        + #"\s*[\r\n]+|"# + spaces, WordPattern(takesMarks: true, mostNumbers: 1)
    ),
    (
      "o200k, gpt-oss, Llama 4",
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|"# + spaces,
      WordPattern(mostNumbers: 3, splitsCases: true)
    ),
  ]

  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
  private static let spaces = #"\s+(?!\S)|\s+"#

  /// Reads the regular expression of a `Split`.
  init(_ expression: TokenizerSection) throws(Failure) {
    let text = try expression.string()
    guard let found = Self.known.first(where: { $0.expression == text }) else {
      throw expression.unsupported(
        expected: "the regular expression of a known tokenizer, written as in its file: "
          + Self.known.map(\.models).joined(separator: ", "))
    }
    self = found.pattern
  }
}
