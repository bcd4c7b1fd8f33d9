package import Diagnostics

/// The `vocab.txt` of an MPNet, which has BERT's tokens and, before and after them, RoBERTa's: words
/// are split as by BERT, and sequences composed as by RoBERTa.
package struct MPNetVocabulary {
  private let vocabulary: Vocabulary
  private let name: String

  /// Reads the lines of `bytes`; nil if the first tokens are not MPNet's. `name` is the file name in
  /// failures.
  ///
  /// - Throws: `badData` if the file is not UTF-8.
  package init?(_ bytes: [UInt8], name: String) throws(Failure) {
    let marks: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard bytes[(bytes.starts(with: marks) ? 3 : 0)...].starts(with: "<s>".utf8) else { return nil }
    vocabulary = try VocabularyFile(bytes, name: name).vocabulary
    for (id, token) in ["<s>", "<pad>", "</s>"].enumerated() {
      guard vocabulary.id(of: token.utf8) == Int32(id) else { return nil }
    }
    self.name = name
  }

  /// The equivalent `tokenizer.json`.
  ///
  /// - Parameters:
  ///   - unknown: the unknown token.
  ///   - lowercase: whether texts are lowercased.
  ///   - stripsAccents: whether accents are removed; nil for whether texts are lowercased.
  ///   - separatesIdeographs: whether every Chinese character is a word.
  /// - Throws: `badData` if the vocabulary lacks the unknown token.
  package func tokenizerJSON(
    unknown: String, lowercase: Bool, stripsAccents: Bool?, separatesIdeographs: Bool
  ) throws(Failure) -> [UInt8] {
    guard let unknownID = vocabulary.id(of: unknown.utf8) else {
      throw Failure(
        .badData, "this vocabulary has no token \(unknown)", at: Place(name),
        expected: "the unk_token of tokenizer_config.json, [UNK] by default",
        remedy: "use the files of one model, or its tokenizer.json")
    }
    var json = BertTokenizerJSON(
      unknown: unknown, lowercases: lowercase, stripsAccents: stripsAccents,
      separatesIdeographs: separatesIdeographs,
      postProcessor: #"{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"#
        + #""trim_offsets":true,"add_prefix_space":false}"#)
    json.added = [
      (AddedTokenEntry("<s>"), 0), (AddedTokenEntry("<pad>"), 1), (AddedTokenEntry("</s>"), 2),
      (AddedTokenEntry(unknown), unknownID),
    ]
    if let id = vocabulary.id(of: "<mask>".utf8) {
      var mask = AddedTokenEntry("<mask>")
      mask.stripsLeft = true
      json.added.append((mask, id))
    }
    json.added.sort { $0.id < $1.id }
    for id in 0...vocabulary.highestID {
      // Of a duplicate line, the last counts.
      guard let token = vocabulary.token(of: id), vocabulary.id(of: token) == id else { continue }
      json.vocabulary.append((String(decoding: token, as: UTF8.self), id))
    }
    return Array(json.text.utf8)
  }
}
