import Diagnostics

/// The last stage: the special tokens around one sequence or a pair of them, and the token types.
///
/// Semantics are those of Hugging Face's tokenizers; every kind results in one template for a
/// sequence and one for a pair. A new kind is a file beside this one, a case, its line in `kinds`
/// and its lines in `single` and `pair`.
enum PostProcessor: Sendable {
  case template(TemplateProcessing)
  case bert(BertProcessing)
  case roberta(RobertaProcessing)

  /// The kinds that `tokenizer.json` may have.
  static let kinds: [StageKind<PostProcessor>] = [
    TemplateProcessing.kind, BertProcessing.kind, RobertaProcessing.kind, byteLevelKind,
    sequenceKind,
  ]

  /// `ByteLevel` changes the offsets of tokens only: it adds no tokens.
  private static let byteLevelKind = StageKind<PostProcessor>("ByteLevel") { _ in
    .template(.plain)
  }

  /// Several post-processors in order, of which at most one adds tokens.
  private static let sequenceKind = StageKind<PostProcessor>("Sequence") {
    (section) throws(Failure) in
    var found: PostProcessor?
    for stage in try section.stages("processors", of: kinds) {
      if case .template(let template) = stage, template == .plain { continue }
      guard found == nil else {
        throw try section.member("processors").unsupported(
          expected: "a list of stages of which at most one adds tokens")
      }
      found = stage
    }
    return found ?? .template(.plain)
  }

  /// The template of one sequence.
  var single: SequenceTemplate {
    switch self {
    case .template(let stage): stage.single
    case .bert(let stage): stage.single
    case .roberta(let stage): stage.single
    }
  }

  /// The template of a pair.
  var pair: SequenceTemplate {
    switch self {
    case .template(let stage): stage.pair
    case .bert(let stage): stage.pair
    case .roberta(let stage): stage.pair
    }
  }
}
