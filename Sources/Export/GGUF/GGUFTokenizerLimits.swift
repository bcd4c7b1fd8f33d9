import ModelFiles
import Models
import Tokenization

extension ExportRequest {
  /// The texts that llama.cpp's WordPiece tokenizer splits differently from the model's, one
  /// sentence each.
  ///
  /// It reads two settings of a normalizer: whether texts are lowercased, and whether accents are
  /// removed. It always cleans texts and separates ideographs, has no maximum word length, and its
  /// server does not look for added tokens in the texts of a rerank request.
  var ggufTokenizerLimits: [String] {
    guard let files = try? TokenizerFiles(model.sidecar, model.tokenizer) else { return [] }
    var limits: [String] = []
    if !files.cleansText {
      limits.append(
        "llama.cpp always removes control characters from texts (clean_text), but this tokenizer"
          + " does not")
    }
    if !files.separatesIdeographs {
      limits.append(
        "llama.cpp always makes every Chinese character a word (handle_chinese_chars), but this"
          + " tokenizer does not")
    }
    if !files.lowercases || !files.stripsAccents {
      limits.append(
        "versions of llama.cpp that do not read tokenizer.ggml.normalizer.lowercase and"
          + " .strip_accents lowercase texts and remove accents, but this tokenizer does not"
      )
    }
    let added = files.addedTokens
    if !added.isEmpty {
      let more = added.count > 8 ? " and \(added.count - 8) more" : ""
      limits.append(
        "llama.cpp does not recognise added tokens in texts: it splits"
          + " \(added.prefix(8).map { "'\($0)'" }.joined(separator: ", "))\(more) as ordinary words"
      )
    }
    if let unknown = model.tokenizer.specialTokens.unk {
      limits.append(
        "llama.cpp does not limit the length of words: it splits words of more than \(files.longestWord) characters,"
          + " which are \(unknown.text) in this tokenizer")
    }
    if model.tokenizer.continuationPrefix.isEmpty {
      limits.append(
        "llama.cpp distinguishes pieces that begin a word from those that continue one, but this"
          + " tokenizer does not")
    }
    return limits
  }
}
