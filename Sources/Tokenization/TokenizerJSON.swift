import Diagnostics
import JSON

/// A Hugging Face `tokenizer.json`: finds its sections, and hands each to what reads it.
struct TokenizerJSON {
  let document: JSONDocument

  /// A reader of `document`.
  init(_ document: JSONDocument) { self.document = document }

  /// Everything a tokenizer is put together from.
  func parts() throws(Failure) -> Tokenizer.Parts {
    guard case .object = document.root.value else {
      throw unsupported(document.root, key: "", expected: "an object with the section 'model'")
    }
    if let version = document.root["version"], try string(version, key: "version") != "1.0" {
      throw unsupported(version, key: "version", expected: "'1.0'")
    }
    let normalizer = try normalizer()
    try checkPreTokenizer()
    var (vocabulary, model) = try model()
    let added = try addedTokens(vocabulary: &vocabulary, normalizer: normalizer)
    let postProcessor = try postProcessor()
    return Tokenizer.Parts(
      vocabulary: vocabulary, normalizer: normalizer, model: model, postProcessor: postProcessor,
      addedTokens: added,
      specialTokens: specialTokens(
        vocabulary: vocabulary, model: model, postProcessor: postProcessor))
  }

  /// The pre-tokenizer has no options; that it is the one there is.
  private func checkPreTokenizer() throws(Failure) {
    let section = try member("pre_tokenizer", of: document.root, key: "pre_tokenizer")
    try checkType(of: section, key: "pre_tokenizer", supported: ["BertPreTokenizer"])
  }

  private func normalizer() throws(Failure) -> BertNormalizer {
    let key = "normalizer"
    var steps = BertNormalizer.Steps(
      cleansText: false, separatesIdeographs: false, stripsAccents: false, lowercases: false)
    guard let section = document.root[key], !section.isNull else { return BertNormalizer(steps) }
    try checkType(of: section, key: key, supported: ["BertNormalizer"])
    steps.cleansText = try flag("clean_text", of: section, key: key)
    steps.separatesIdeographs = try flag("handle_chinese_chars", of: section, key: key)
    steps.lowercases = try flag("lowercase", of: section, key: key)
    if let strips = section["strip_accents"], !strips.isNull {
      steps.stripsAccents = try flag("strip_accents", of: section, key: key)
    } else {
      steps.stripsAccents = steps.lowercases
    }
    return BertNormalizer(steps)
  }

  private func model() throws(Failure) -> (Vocabulary, WordPiece) {
    let section = try member("model", of: document.root, key: "model")
    if section["type"] != nil || section["merges"] != nil {
      try checkType(of: section, key: "model", supported: ["WordPiece"])
    }
    let entries = try member("vocab", of: section, key: "model.vocab")
    guard case .object(let members) = entries.value else {
      throw unsupported(entries, key: "model.vocab", expected: "an object of tokens and ids")
    }
    var vocabulary = Vocabulary()
    for member in members {
      let id = try integer(
        member.node, key: "model.vocab.\(String(decoding: member.key, as: UTF8.self))")
      guard vocabulary.add(member.key, id: id) else {
        throw unsupported(
          entries, key: "model.vocab",
          expected: "at most \(PieceTrie.mostNodes) bytes of different tokens")
      }
    }
    let unknown = try member("unk_token", of: section, key: "model.unk_token")
    let text = try string(unknown, key: "model.unk_token")
    guard let id = vocabulary.id(of: text.utf8) else {
      throw unsupported(
        unknown, key: "model.unk_token", expected: "a token of model.vocab, which lacks this one")
    }
    let prefix = try member(
      "continuing_subword_prefix", of: section, key: "model.continuing_subword_prefix")
    let longest = try member(
      "max_input_chars_per_word", of: section, key: "model.max_input_chars_per_word")
    return (
      vocabulary,
      WordPiece(
        pieces: vocabulary,
        continuationPrefix: Array(
          try string(prefix, key: "model.continuing_subword_prefix").utf8),
        unknown: id,
        longestWord: Int(try integer(longest, key: "model.max_input_chars_per_word")))
    )
  }

  private func specialTokens(
    vocabulary: Vocabulary, model: WordPiece, postProcessor: PostProcessor
  ) -> SpecialTokens {
    func token(_ id: Int32) -> SpecialTokens.Token? {
      vocabulary.token(of: id).map { .init(text: String(decoding: $0, as: UTF8.self), id: id) }
    }
    func first(of names: [String]) -> SpecialTokens.Token? {
      names.lazy.compactMap { vocabulary.id(of: $0.utf8) }.first.flatMap(token)
    }
    let specials = postProcessor.single.compactMap { part -> Int32? in
      if case .special(let id, _) = part { id } else { nil }
    }
    var padding: [String] = []
    if case .string(let text) = document.root["padding"]?["pad_token"]?.value {
      padding = [String(decoding: text, as: UTF8.self)]
    }
    return SpecialTokens(
      cls: specials.first.flatMap(token), sep: specials.last.flatMap(token),
      pad: first(of: padding + ["[PAD]", "<pad>"]),
      unk: token(model.unknown) ?? .init(text: "[UNK]", id: model.unknown),
      mask: first(of: ["[MASK]", "<mask>"]))
  }
}
