import ArgumentParser
import Diagnostics
import Export
import Models
import Persistence

/// `ltr export`.
struct ExportModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a model so that others can serve it.",
    discussion: "Formats:\n"
      + ExportFormat.all.map { "  \($0.name)  \($0.meaning)" }.joined(separator: "\n"))

  /// What weights are stored as.
  enum WeightPrecision: String, ExpressibleByArgument, CaseIterable {
    case f32, f16, bf16

    var stored: StoredPrecision {
      switch self {
      case .f32: .f32
      case .f16: .f16
      case .bf16: .bf16
      }
    }
  }

  @OptionGroup var model: ModelOption

  @Option(help: ArgumentHelp("For whom it is written; see above.", valueName: "name"))
  var format: String

  @Option(help: ArgumentHelp("The folder to write.", valueName: "folder"))
  var output: String

  @Option(help: "What weights are stored as.")
  var precision = WeightPrecision.f32

  @OptionGroup var length: LengthOption

  @Flag(help: "Replace the output where it is there already.")
  var overwrite = false

  func run() throws {
    let format = try ExportFormat.named(format)
    let model = try ScoringModel(model.model, maximumLength: length.maxLength)
    var notes = model.notes
    notes.maximumLength = model.maximumLength
    try export(
      model.encoder, notes: notes, as: format, to: output, precision: precision.stored,
      overwrite: overwrite)
    Terminal.say("wrote \(output)")
  }
}
