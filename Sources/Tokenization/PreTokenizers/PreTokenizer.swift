import Diagnostics

/// The second stage: splits normalised text into the words that the model processes one by one.
///
/// Semantics are those of Hugging Face's tokenizers. A new kind is a file beside this one, a case,
/// its line in `kinds` and its line in `apply`.
enum PreTokenizer: Sendable {
  case bert(BertPreTokenizer)
  /// Splits by the class of each scalar.
  case scalars(ScalarSplitter)
  case split(Split)
  case byteLevel(ByteLevel)
  case metaspace(Metaspace)
  /// Several pre-tokenizers in order, each on the words of the one before; empty if the text is one
  /// word.
  case sequence([PreTokenizer])

  /// The kinds that `tokenizer.json` may have.
  static let kinds: [StageKind<PreTokenizer>] = [
    BertPreTokenizer.kind, ScalarSplitter.whitespaceKind, ScalarSplitter.whitespaceSplitKind,
    ScalarSplitter.punctuationKind, ScalarSplitter.digitsKind, Split.kind, ByteLevel.kind,
    Metaspace.kind, sequenceKind,
  ]

  private static let sequenceKind = StageKind<PreTokenizer>("Sequence") {
    (section) throws(Failure) in .sequence(try section.stages("pretokenizers", of: kinds))
  }

  /// Whether a word at the start of the text is split differently from the same word elsewhere.
  var looksAtStart: Bool {
    switch self {
    case .bert, .scalars, .split, .byteLevel: false
    case .metaspace(let stage): stage.scheme == .first
    case .sequence(let stages): stages.contains { $0.looksAtStart }
    }
  }

  /// Splits `text`, which is not empty, into the words of `result`; its first `start` bytes come
  /// from the first scalar of the original text.
  func split(_ text: Span<UInt8>, start: Int, in result: inout SplitText) {
    result.set(text, start: start)
    apply(to: &result)
  }

  private func apply(to text: inout SplitText) {
    switch self {
    case .bert(let stage): text.splitWords(stage.splitter.split)
    case .scalars(let stage): text.splitWords(stage.split)
    case .split(let stage): stage.apply(to: &text)
    case .byteLevel(let stage): stage.apply(to: &text)
    case .metaspace(let stage): text.rewriteWords(stage.append)
    case .sequence(let stages): for stage in stages { stage.apply(to: &text) }
    }
  }
}
