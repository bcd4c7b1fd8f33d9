import Diagnostics

/// The last stage: the special tokens around one sequence or a pair of them, and the token types.
///
/// Semantics are those of Hugging Face's tokenizers; every kind results in one template for a
/// sequence and one for a pair. A new kind is a file beside this one, a case, its line in `kinds`
/// and its lines in `single` and `pair`.
enum PostProcessor: Sendable {
  case template(TemplateProcessing)
  case bert(BertProcessing)

  /// The kinds that `tokenizer.json` may have.
  static let kinds: [StageKind<PostProcessor>] = [TemplateProcessing.kind, BertProcessing.kind]

  /// The template of one sequence.
  var single: SequenceTemplate {
    switch self {
    case .template(let stage): stage.single
    case .bert(let stage): stage.single
    }
  }

  /// The template of a pair.
  var pair: SequenceTemplate {
    switch self {
    case .template(let stage): stage.pair
    case .bert(let stage): stage.pair
    }
  }
}
