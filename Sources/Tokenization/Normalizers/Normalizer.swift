import Diagnostics

/// The first stage: converts text to the form used by the vocabulary.
///
/// Semantics are those of Hugging Face's tokenizers. A new kind is a file beside this one, a case,
/// its line in `kinds` and its line in `apply`.
enum Normalizer: Sendable {
  case bert(BertNormalizer)
  case lowercase(LowercaseNormalizer)
  case unicode(UnicodeNormalizer)
  case stripAccents(StripAccentsNormalizer)
  case strip(StripNormalizer)
  case replace(ReplaceNormalizer)
  case prepend(PrependNormalizer)
  /// Several normalizers in order; empty if text is unchanged.
  case sequence([Normalizer])

  /// The kinds that `tokenizer.json` may have.
  static let kinds: [StageKind<Normalizer>] =
    [BertNormalizer.kind, LowercaseNormalizer.kind] + UnicodeNormalizer.kinds
    + [
      StripAccentsNormalizer.kind, StripNormalizer.kind, ReplaceNormalizer.kind,
      PrependNormalizer.kind, sequenceKind,
    ]

  private static let sequenceKind = StageKind<Normalizer>("Sequence") {
    (section) throws(Failure) in .sequence(try section.stages("normalizers", of: kinds))
  }

  /// Writes the normal form of `text`, well-formed UTF-8, to `result`.
  func normalize(_ text: Span<UInt8>, in result: inout NormalText) {
    result.set(text)
    apply(to: &result)
  }

  private func apply(to text: inout NormalText) {
    switch self {
    case .bert(let stage): text.rewrite(stage.append)
    case .lowercase(let stage): text.rewrite(stage.bert.append)
    case .unicode(let stage): text.rewrite(stage.append)
    case .stripAccents(let stage): text.rewrite(stage.append)
    case .strip(let stage): text.rewrite(stage.append)
    case .replace(let stage): text.rewrite(stage.append)
    case .prepend(let stage): text.rewrite(stage.append)
    case .sequence(let stages): for stage in stages { stage.apply(to: &text) }
    }
  }
}
