import Diagnostics

/// The second stage: normalized text is split into the words that the model sees one by one.
///
/// Semantics are those of Hugging Face's tokenizers. A new kind is a file beside this one, a case,
/// its line in `kinds` and its line in `apply`.
enum PreTokenizer: Sendable {
  case bert(BertPreTokenizer)
  /// Splits that look at one scalar at a time.
  case scalars(ScalarSplitter)
  case metaspace(Metaspace)
  /// One after the other, each on the words of the one before; empty where the text is one word.
  case sequence([PreTokenizer])

  /// What `tokenizer.json` may ask for.
  static let kinds: [StageKind<PreTokenizer>] = [
    BertPreTokenizer.kind, ScalarSplitter.whitespaceKind, ScalarSplitter.whitespaceSplitKind,
    ScalarSplitter.punctuationKind, ScalarSplitter.digitsKind, Metaspace.kind, sequenceKind,
  ]

  private static let sequenceKind = StageKind<PreTokenizer>("Sequence") {
    (section) throws(Failure) in .sequence(try section.stages("pretokenizers", of: kinds))
  }

  /// Whether a word at the beginning of the text is treated in another way than the same word later.
  var looksAtStart: Bool {
    switch self {
    case .bert, .scalars: false
    case .metaspace(let stage): stage.scheme == .first
    case .sequence(let stages): stages.contains { $0.looksAtStart }
    }
  }

  /// Splits `text`, which is not empty, into the words of `result`; its first `start` bytes stand for
  /// the first scalar of what is tokenized.
  func split(_ text: Span<UInt8>, start: Int, in result: inout SplitText) {
    result.set(text, start: start)
    apply(to: &result)
  }

  private func apply(to text: inout SplitText) {
    switch self {
    case .bert(let stage): text.splitWords(stage.splitter.split)
    case .scalars(let stage): text.splitWords(stage.split)
    case .metaspace(let stage): text.rewriteWords(stage.append)
    case .sequence(let stages): for stage in stages { stage.apply(to: &text) }
    }
  }
}
