import ModelFiles
import Models
import Tokenization

extension ExportRequest {
  /// The texts that llama.cpp's tokenizer splits differently from the model's, one sentence each.
  var ggufTokenizerLimits: [String] {
    switch try? GGUFTokenizer(model) {
    case .wordPiece?: wordPieceLimits
    case .unigram(let unigram)?:
      Self.limits(of: unigram.specialTokens) + [
        "llama.cpp looks up the longest key of the character map at every place of a text, but this"
          + " tokenizer looks up whole characters with their marks: a text with combining marks"
          + " may be split differently"
      ]
    case .byteLevel(let byteLevel)?:
      Self.limits(of: byteLevel.specialTokens)
        + (byteLevel.composes
          ? ["llama.cpp does not compose characters (NFC), but this tokenizer does"] : [])
    case nil: []
    }
  }

  /// Special tokens, for which the server does not look in the texts of a rerank request.
  private static func limits(of special: [String]) -> [String] {
    if special.isEmpty { return [] }
    let more = special.count > 8 ? " and \(special.count - 8) more" : ""
    return [
      "llama.cpp does not recognise special tokens in texts: it splits"
        + " \(special.prefix(8).map { "'\($0)'" }.joined(separator: ", "))\(more) as ordinary words"
    ]
  }

  /// The texts that llama.cpp's WordPiece tokenizer splits differently from the model's.
  ///
  /// It reads two settings of a normalizer: whether texts are lowercased, and whether accents are
  /// removed. It always cleans texts and separates ideographs, has no maximum word length, and its
  /// server does not look for added tokens in the texts of a rerank request.
  private var wordPieceLimits: [String] {
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
    let vocabulary = GGUFVocabulary(model.tokenizer, count: model.blueprint.vocabularySize)
    if vocabulary.collisions > 0 {
      limits.append(
        "\(vocabulary.collisions) tokens of the vocabulary have the same text as others in llama.cpp"
          + " and are omitted")
    }
    return limits
  }
}
