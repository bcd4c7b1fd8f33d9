import Diagnostics
import JSON
import Models
import Tokenization

extension ModelSidecar {
  /// Adds the `tokenizer.json` equivalent to a `vocab.txt` whose special tokens are MPNet's, if the
  /// files have none.
  ///
  /// - Throws: `badData` if a file is malformed, or if the vocabulary lacks the unknown token.
  mutating func addMPNetTokenizer() throws(Failure) {
    guard files["tokenizer.json"] == nil, let lines = files["vocab.txt"],
      let vocabulary = try MPNetVocabulary(lines, name: name(of: "vocab.txt"))
    else { return }
    let settings = try value("tokenizer_config.json")
    let keys = try ConfigurationKeys(
      files["tokenizer_config.json"] ?? Array("{}".utf8), name: name(of: "tokenizer_config.json"))
    var unknown = "[UNK]"
    if case .text(let text)? = settings?["unk_token"]?["content"] ?? settings?["unk_token"] {
      unknown = text
    }
    let lowercase = try keys.flag("do_lower_case", default: true)
    files["tokenizer.json"] = try vocabulary.tokenizerJSON(
      unknown: unknown, lowercase: lowercase,
      stripsAccents: keys["strip_accents"] == .null
        ? nil : try keys.flag("strip_accents", default: lowercase),
      separatesIdeographs: try keys.flag("tokenize_chinese_chars", default: true))
  }
}
