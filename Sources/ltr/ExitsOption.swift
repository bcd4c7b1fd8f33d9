import ArgumentParser
import Diagnostics
import Inference
import Scoring

/// `--exits`.
struct ExitsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "At which of the model's early exits candidates leave: none; auto, with the shares chosen in "
        + "training; or numbers of layers such as 2,4, perhaps with shares that go on: 2:0.5,4:0.2.",
      valueName: "exits"))
  var exits: ExitChoice = .none

  /// The cascade of a model; nil for none.
  ///
  /// - Throws: `usage` for an exit that the model lacks, or one without a share.
  func cascade(of model: ScoringModel, at path: String) throws(Failure) -> ExitCascade? {
    try exits.cascade(of: model.encoder, at: Place(path))
  }
}

extension ExitChoice: ExpressibleByArgument, CustomStringConvertible {
  /// The choice of an option's value.
  public init?(argument: String) { self.init(argument) }

  /// The choice as users write it.
  public var description: String { defaultValueDescription }

  /// The choice as users write it.
  public var defaultValueDescription: String {
    switch self {
    case .none: "none"
    case .auto: "auto"
    case .some(let exits):
      exits.map { exit in exit.share.map { "\(exit.layer):\($0)" } ?? "\(exit.layer)" }
        .joined(separator: ",")
    }
  }
}
