/// BERT's pre-tokenizer: splits at whitespace, and makes every punctuation mark a word of its own.
struct BertPreTokenizer: Sendable {
  static let kind = StageKind<PreTokenizer>("BertPreTokenizer") { _ in .bert(BertPreTokenizer()) }

  /// The split by the class of each scalar.
  let splitter = ScalarSplitter([
    (UnicodeTables.whitespace, ScalarSplitter.Class.removed),
    (UnicodeTables.punctuation, ScalarSplitter.Class.isolated),
  ])
}
