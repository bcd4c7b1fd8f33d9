import JSON

/// The `tokenizer.json` of a tokenizer with BERT's stages, of which only the vocabulary and some
/// settings are in files. The order of its keys is that of Hugging Face's tokenizers.
package struct BertTokenizerJSON {
  /// The tokens with their ids, without duplicates, in the order of the file.
  package var vocabulary: [(text: String, id: Int32)] = []
  /// The tokens that texts are searched for, with their ids, in the order of the file.
  package var added: [(token: AddedTokenEntry, id: Int32)] = []
  /// The unknown token.
  package var unknown: String
  /// Whether texts are lowercased.
  package var lowercases: Bool
  /// Whether accents are removed; nil for whether texts are lowercased.
  package var stripsAccents: Bool?
  /// Whether every Chinese character is a word.
  package var separatesIdeographs: Bool
  /// The section `post_processor`.
  package var postProcessor: String

  /// A tokenizer without tokens.
  package init(
    unknown: String, lowercases: Bool, stripsAccents: Bool?, separatesIdeographs: Bool,
    postProcessor: String
  ) {
    (self.unknown, self.postProcessor) = (unknown, postProcessor)
    (self.lowercases, self.stripsAccents) = (lowercases, stripsAccents)
    self.separatesIdeographs = separatesIdeographs
  }

  /// The text of the file.
  package var text: String {
    let added = added.map { $0.token.json(id: $0.id) }
    let pieces = vocabulary.map { "\($0.text.quotedJSON):\($0.id)" }
    return """
      {"version":"1.0","truncation":null,"padding":null,\
      "added_tokens":[\(added.joined(separator: ","))],\
      "normalizer":{"type":"BertNormalizer","clean_text":true,\
      "handle_chinese_chars":\(separatesIdeographs),\
      "strip_accents":\(stripsAccents.map { "\($0)" } ?? "null"),"lowercase":\(lowercases)},\
      "pre_tokenizer":{"type":"BertPreTokenizer"},\
      "post_processor":\(postProcessor),\
      "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},\
      "model":{"type":"WordPiece","unk_token":\(unknown.quotedJSON),\
      "continuing_subword_prefix":"##","max_input_chars_per_word":100,\
      "vocab":{\(pieces.joined(separator: ","))}}}

      """
  }
}
