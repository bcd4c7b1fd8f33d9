import Diagnostics
import JSON

/// `vocab.json` and `merges.txt`: tokens with their ids, and one merge a line; the rest of a tokenizer
/// as RoBERTa has it.
struct MergesFile {
  private let vocabulary: Vocabulary
  private let merges: MergeTable
  private let name: String

  /// Reads an object of tokens and ids from `vocabulary`, and `merges`, whose first line may be a
  /// comment `#version: …`. The names are the file names in failures.
  init(
    vocabulary: [UInt8], name: String, merges: [UInt8], mergesName: String
  ) throws(Failure) {
    let section = TokenizerSection(try JSONDocument(vocabulary, name: name))
    let pieces = try BPE.pieces(section)
    let lines = merges.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var list = MergeList(pieces: pieces, prefix: 0, capacity: lines.count)
    for (index, line) in lines.enumerated() {
      let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if text.isEmpty || text.starts(with: "#version".utf8) { continue }
      let parts = text.split(separator: 0x20, omittingEmptySubsequences: false)
      let place = Place(mergesName, line: index + 1)
      guard parts.count == 2 else {
        throw Failure(
          .badData, "this line is no merge", at: place,
          expected: "two tokens with a space between them")
      }
      do throws(MergeList.Problem) {
        try list.add(Array(parts[0]), Array(parts[1]))
      } catch {
        throw Failure(
          .badData, "this merge \(error.words)", at: place, expected: MergeList.Problem.expected,
          remedy: "use the vocab.json and merges.txt of one model")
      }
    }
    self.vocabulary = pieces
    self.merges = list.table
    self.name = name
  }

  /// A tokenizer's parts: what RoBERTa's own use with such files. `addsSpace` puts a space in front of
  /// a text that has none.
  func parts(addsSpace: Bool) throws(Failure) -> Tokenizer.Parts {
    let cls = try required("<s>")
    let sep = try required("</s>")
    let unk = try required("<unk>")
    let pad = token("<pad>")
    let mask = token("<mask>")
    let model = BPE(
      pieces: vocabulary, merges: merges, options: BPE.Options(unknown: unk.id))
    var added = [cls, pad, sep, unk].compactMap { $0 }.map {
      AddedTokens.Token(content: Array($0.text.utf8), id: $0.id)
    }
    if let mask {
      added.append(
        AddedTokens.Token(content: Array(mask.text.utf8), id: mask.id, stripsLeft: true))
    }
    return Tokenizer.Parts(
      vocabulary: vocabulary, normalizer: .sequence([]),
      preTokenizer: .byteLevel(ByteLevel(addsSpace: addsSpace, pattern: .gpt2)),
      model: .bpe(model),
      postProcessor: .roberta(RobertaProcessing(cls: cls.id, sep: sep.id)), addedTokens: added,
      specialTokens: SpecialTokens(cls: cls, sep: sep, pad: pad, unk: unk, mask: mask))
  }

  private func token(_ text: String) -> SpecialTokens.Token? {
    vocabulary.id(of: text.utf8).map { SpecialTokens.Token(text: text, id: $0) }
  }

  private func required(_ text: String) throws(Failure) -> SpecialTokens.Token {
    guard let token = token(text) else {
      throw Failure(
        .badData, "this vocabulary has no token \(text)", at: Place(name),
        expected: "the tokens <s>, </s> and <unk>",
        remedy: "use the vocab.json and merges.txt of a RoBERTa model, or its tokenizer.json")
    }
    return token
  }
}
