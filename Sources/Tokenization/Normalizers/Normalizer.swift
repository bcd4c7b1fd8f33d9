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
  case precompiled(PrecompiledNormalizer)
  case nmt(NmtNormalizer)
  /// Several normalizers in order; empty if text is unchanged.
  case sequence([Normalizer])

  /// The kinds that `tokenizer.json` may have.
  static let kinds: [StageKind<Normalizer>] =
    [BertNormalizer.kind, LowercaseNormalizer.kind] + UnicodeNormalizer.kinds
    + [
      StripAccentsNormalizer.kind, StripNormalizer.kind, ReplaceNormalizer.kind,
      PrependNormalizer.kind, PrecompiledNormalizer.kind, NmtNormalizer.kind, sequenceKind,
    ]

  private static let sequenceKind = StageKind<Normalizer>("Sequence") {
    (section) throws(Failure) in .sequence(try section.stages("normalizers", of: kinds))
  }

  /// Whether `text` is known to be its own normal form; it is then not copied.
  func keeps(_ text: Span<UInt8>) -> Bool {
    switch self {
    case .unicode(let stage): stage.keeps(text)
    case .sequence(let stages): stages.allSatisfy { $0.keeps(text) }
    default: false
    }
  }

  /// Writes the normal form of `text`, well-formed UTF-8, to `result`, and how many bytes of it
  /// come from the first scalar if `followsStart`.
  func normalize(_ text: Span<UInt8>, followsStart: Bool = false, in result: inout NormalText) {
    result.set(text)
    result.start = followsStart && text.count > 0 ? UTF8Text.scalar(at: 0, of: text).length : 0
    apply(to: &result)
  }

  private func apply(to text: inout NormalText) {
    if text.start > 0 {
      text.start = start(of: text.bytes.span, before: min(text.start, text.bytes.count))
    }
    switch self {
    case .bert(let stage): text.rewrite(stage.append)
    case .lowercase(let stage): text.rewrite(stage.bert.append)
    case .unicode(let stage): text.rewrite(stage.append)
    case .stripAccents(let stage): text.rewrite(stage.append)
    case .strip(let stage): text.rewrite(stage.append)
    case .replace(let stage): text.rewrite(stage.append)
    case .prepend(let stage): text.rewrite(stage.append)
    case .precompiled(let stage): text.rewrite(stage.append)
    case .nmt(let stage): text.rewrite(stage.append)
    case .sequence(let stages): for stage in stages { stage.apply(to: &text) }
    }
  }
}
