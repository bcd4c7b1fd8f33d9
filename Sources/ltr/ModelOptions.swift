public import ArgumentParser
import Diagnostics
import Inference
import ModelFiles
import Models
public import Options

/// `--model`.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model: a Hugging Face directory, an archive that holds one, the directory of a run, a checkpoint, or hf:org/name[@revision] on the hub.",
      valueName: "path"))
  var model: String
}

/// `--label`.
struct LabelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of a classifier with several labels, the one that means relevant: its name or number in id2label. Without it, the label whose name means relevant.",
      valueName: "label"))
  var label: String?
}

/// `--max-length`.
struct LengthOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most tokens of a query and a text together; longer texts are truncated. Without it, what the model was trained with.",
      valueName: "tokens"))
  var maxLength: Int?
}

/// `--prompt`, `--instruction` and `--answers`.
struct PromptOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The text in which the model reads a query and a document, with {query}, {document} and perhaps {instruction}; the name of a known one; or none. Without it, that of the model's files.",
      valueName: "text"))
  var prompt: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What makes a document relevant, for a prompt with {instruction}. Without it, the prompt's own.",
      valueName: "text"))
  var instruction: String?

  @Option(
    help: ArgumentHelp(
      "The answers of a language model whose logits give the score, such as yes,no or Yes. Without it, those of the prompt.",
      valueName: "words"))
  var answers: String?

  /// The choice.
  var choice: PromptChoice {
    PromptChoice(
      prompt: prompt, instruction: instruction,
      answers: answers.map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      } ?? [])
  }
}

extension ScoringModel {
  /// Loads a model, with notes and warnings about it on standard error.
  ///
  /// - Throws: errors of loading it.
  init(
    _ path: String, label: String?, maximumLength length: Int?, prompt: PromptOptions? = nil,
    adapters: AdapterPlan? = nil
  ) throws(Failure) {
    try self.init(
      path, label: label, maximumLength: length, prompt: prompt?.choice ?? PromptChoice(),
      adapters: adapters, tell: Terminal.say)
  }
}

/// `--precision`: the precision of matrix products.
extension PrecisionOption: ExpressibleByArgument {}
