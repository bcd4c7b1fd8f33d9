import Diagnostics
import JSON

/// A Hugging Face `tokenizer.json`: finds its sections and passes each to its stage.
struct TokenizerJSON {
  private let file: TokenizerSection

  /// A reader of `document`.
  init(_ document: JSONDocument) { file = TokenizerSection(document) }

  /// The parts of the tokenizer.
  func parts() throws(Failure) -> Tokenizer.Parts {
    guard case .object = file.node.value else {
      throw file.unsupported(expected: "an object with the section 'model'")
    }
    if file.node["version"] != nil {
      let version = try file.member("version")
      guard try version.string() == "1.0" else { throw version.unsupported(expected: "'1.0'") }
    }
    let normalizer = try file["normalizer"]?.stage(of: Normalizer.kinds) ?? .sequence([])
    let preTokenizer = try preTokenizer()
    let model = try TokenModel(file.member("model"))
    var vocabulary = model.vocabulary
    let added = try addedTokens(of: file, vocabulary: &vocabulary, normalizer: normalizer)
    let postProcessor =
      try file["post_processor"]?.stage(of: PostProcessor.kinds) ?? .template(.plain)
    return Tokenizer.Parts(
      vocabulary: vocabulary, normalizer: normalizer, preTokenizer: preTokenizer, model: model,
      postProcessor: postProcessor, addedTokens: added,
      specialTokens: specialTokens(
        vocabulary: vocabulary, added: added, model: model, template: postProcessor.single))
  }

  private func preTokenizer() throws(Failure) -> PreTokenizer {
    let section = try file.member("pre_tokenizer")
    return section.node.isNull ? .sequence([]) : try section.stage(of: PreTokenizer.kinds)
  }

  private func specialTokens(
    vocabulary: Vocabulary, added: [AddedTokens.Token], model: TokenModel,
    template: SequenceTemplate
  ) -> SpecialTokens {
    func token(_ id: Int32) -> SpecialTokens.Token? {
      vocabulary.token(of: id).map { .init(text: String(decoding: $0, as: UTF8.self), id: id) }
    }
    // A vocabulary may have the tokens of another model too: those with a role are added tokens.
    func first(of names: [String]) -> SpecialTokens.Token? {
      let ids = names.compactMap { vocabulary.id(of: $0.utf8) }
      return (ids.first { id in added.contains { $0.id == id } } ?? ids.first).flatMap(token)
    }
    // The token that the file pads with has the role, added or not.
    let padding = (file["padding"]?["pad_token"]?.bytes).flatMap(vocabulary.id(of:)).flatMap(token)
    let fixed = template.fixedIDs
    return SpecialTokens(
      cls: fixed.first.flatMap(token), sep: fixed.last.flatMap(token),
      pad: padding ?? first(of: ["[PAD]", "<pad>"]), unk: model.unknown.flatMap(token),
      mask: first(of: ["[MASK]", "<mask>"]))
  }
}
