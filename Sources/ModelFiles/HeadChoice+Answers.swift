import Diagnostics
import Models
import Persistence

/// Language models without a score head: the logits of their answers are one.
extension HeadChoice {
  /// The choice for a model whose files have no classifier: rows of its output layer if the answer
  /// tokens are known, else none.
  ///
  /// - Throws: `badData` for answers that are not tokens of the model, and, if the model is to score,
  ///   for a language model whose answers are unknown.
  init(
    _ answers: AnswerHead?, for use: HeadUse, _ blueprint: Blueprint, of names: WeightNames,
    in files: TensorFiles, _ keys: ConfigurationKeys
  ) throws(Failure) {
    guard let head = blueprint.languageHead, !files.isOfPart(blueprint.classifier.name) else {
      self = .none
      return
    }
    let words = blueprint.embeddings.words
    let own = head.name + ".weight"
    let isOwn = !head.isTied || head.yieldsToOwn && names.tensor(for: own) != nil
    let source = isOwn ? own : words.name + ".weight"
    let tensor = names.tensor(for: source).flatMap { files[$0] }
    guard let answers else {
      let isLanguageModel =
        names.tensor(for: own) != nil
        || keys["architectures"].texts.contains {
          $0.hasSuffix("ForCausalLM") || $0.hasSuffix("ForConditionalGeneration")
        }
      guard use != .base, isLanguageModel else {
        self = .none
        return
      }
      throw Failure(
        .badData,
        "the model is a language model without a score head: its scores are the logits of answers"
          + " to a prompt, and neither is known",
        at: Place(files.file(of: source)),
        expected: "a tensor '\(blueprint.classifier.name).weight', or a prompt with its answers",
        remedy: "give the prompt that the model was trained with, or \(Self.trainingRemedy)")
    }
    guard let tensor else {
      throw Failure(
        .badData, "the tensor '\(source)' is missing, whose rows give the logits of answers",
        at: Place(files.file(of: source)),
        expected: "shape [\(words.rows), \(blueprint.classifier.inputs)]",
        remedy: "use the weights of the language model, or a model with a score head")
    }
    guard tensor.shape == [words.rows, blueprint.classifier.inputs] else {
      throw Failure(
        .badData, "the tensor '\(tensor.name)' has shape \(tensor.shape)",
        at: Place(files.file(of: tensor.name), key: tensor.name),
        expected: "[\(words.rows), \(blueprint.classifier.inputs)], as config.json says")
    }
    for id in [answers.positive, answers.negative].compactMap({ $0 }) where id >= words.rows {
      throw Failure(
        .badData, "the answer token \(id) is not one of the model's \(words.rows) tokens",
        at: Place(files.file(of: tensor.name), key: tensor.name),
        expected: "an id below vocab_size",
        remedy: "use the prompt and answers of this model")
    }
    var notice =
      "the score is the logit of token \(answers.positive)"
      + (answers.negative.map { " minus that of token \($0)" } ?? "")
    if head.cap != nil { notice += ", before the model's bound of logits" }
    self.init(rows: .answers(answers, in: tensor.name), notice: notice, labels: nil)
  }
}
