import Diagnostics

/// A `vocab.txt`: one token per line, the first with id 0; the rest of the tokenizer is BERT's.
struct VocabularyFile {
  /// The tokens.
  let vocabulary: Vocabulary
  private let name: String

  /// Reads the lines of `bytes`; `name` is the file name in failures.
  init(_ bytes: [UInt8], name: String) throws(Failure) {
    var vocabulary = Vocabulary()
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var lines = bytes[start...].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (index, line) in lines.enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw Failure(
          .badData, "this vocabulary is not UTF-8", at: Place(name, line: index + 1),
          expected: "one token per line, in UTF-8")
      }
      // The reference library drops whitespace at the end of a line.
      let kept = text.unicodeScalars.reversed().drop { $0.properties.isWhitespace }.reversed()
      let token = Array(String(String.UnicodeScalarView(kept)).utf8)
      guard vocabulary.add(token, id: Int32(truncatingIfNeeded: index)) else {
        throw Failure(
          .badData, "this vocabulary is too large", at: Place(name, line: index + 1),
          expected: Vocabulary.limit)
      }
    }
    self.vocabulary = vocabulary
    self.name = name
  }

  /// The parts of BERT's tokenizer with this vocabulary.
  func parts(_ steps: BertNormalizer.Steps) throws(Failure) -> Tokenizer.Parts {
    let unk = try required("[UNK]")
    let cls = try required("[CLS]")
    let sep = try required("[SEP]")
    let pad = token("[PAD]")
    let mask = token("[MASK]")
    return Tokenizer.Parts(
      vocabulary: vocabulary,
      normalizer: .bert(BertNormalizer(steps)),
      preTokenizer: .bert(BertPreTokenizer()),
      model: .wordPiece(
        WordPiece(
          pieces: vocabulary, continuationPrefix: Array("##".utf8), unknown: unk.id,
          longestWord: 100)),
      postProcessor: .bert(BertProcessing(cls: cls.id, sep: sep.id)),
      addedTokens: [unk, cls, sep, pad, mask].compactMap { $0 }.map {
        AddedTokens.Token(content: Array($0.text.utf8), id: $0.id)
      },
      specialTokens: SpecialTokens(cls: cls, sep: sep, pad: pad, unk: unk, mask: mask))
  }

  private func token(_ text: String) -> SpecialTokens.Token? {
    vocabulary.id(of: text.utf8).map { SpecialTokens.Token(text: text, id: $0) }
  }

  private func required(_ text: String) throws(Failure) -> SpecialTokens.Token {
    guard let token = token(text) else {
      throw Failure(
        .badData, "this vocabulary has no token \(text)", at: Place(name),
        expected: "a line \(text), with one token per line",
        remedy: "use the vocab.txt of a BERT model, or its tokenizer.json")
    }
    return token
  }
}
