public import ArgumentParser
import Diagnostics
import Inference
public import Options

/// `--model`.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model: a Hugging Face directory, an archive that holds one, the directory of a run, or a checkpoint.",
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

extension ScoringModel {
  /// Loads a model, with notes and warnings about it on standard error.
  ///
  /// - Throws: errors of loading it.
  init(_ path: String, label: String?, maximumLength length: Int?) throws(Failure) {
    try self.init(path, label: label, maximumLength: length, tell: Terminal.say)
  }
}

/// `--precision`: the precision of matrix products.
extension PrecisionOption: ExpressibleByArgument {}
