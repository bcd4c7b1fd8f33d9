import ArgumentParser
import Corpora
import Diagnostics
import Export
import Files
import Foundation
import Inference
import Models
import Verification

/// `ltr export`.
struct ExportModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a model in the formats of other programs.",
    discussion: """
      Every format is read back and scores a few pairs before it gets its final name; a difference from \
      the model's scores that the precision does not explain is an error. export.json records the \
      differences.

      Formats, and the precisions their weights can be stored in:

      """ + ExportFormat.all.map(description).joined(separator: "\n"))

  private static func description(_ format: ExportFormat) -> String {
    let precisions = format.precisions.map(\.rawValue).joined(separator: ", ")
    return "  \(format.name)  \(format.meaning) (\(precisions))"
  }

  /// The type of the stored weights.
  enum WeightPrecision: String, ExpressibleByArgument, CaseIterable {
    case f32, f16, bf16, int8

    var value: ExportPrecision {
      switch self {
      case .f32: .f32
      case .f16: .f16
      case .bf16: .bf16
      case .int8: .int8
      }
    }
  }

  /// A program that can check an export.
  enum Runtime: String, ExpressibleByArgument, CaseIterable {
    case onnxruntime
  }

  @OptionGroup var model: ModelOption

  @OptionGroup var label: LabelOption

  @Option(
    help: ArgumentHelp(
      "The formats to write; see above. Several formats, separated by commas or given by repeating "
        + "the option, each get a folder in the output.",
      valueName: "names"))
  var format: [String]

  @Option(
    help: ArgumentHelp(
      "The folder to write; without it, one in the current folder with the model's name and "
        + "'-reranker', which some clients look for.",
      valueName: "folder"))
  var output: String?

  @Option(help: "Precision of the stored weights.")
  var precision = WeightPrecision.f32

  @Option(
    help: ArgumentHelp(
      "The model's name, for servers that address models by name.", valueName: "name"))
  var name = "reranker"

  @Option(
    help: ArgumentHelp(
      "Write the model of the layers up to one of its early exits, with this number of layers, and that "
        + "exit's score.",
      valueName: "count"))
  var layers: Int?

  @OptionGroup var length: LengthOption

  @OptionGroup var prompt: PromptOptions

  @Option(
    help: ArgumentHelp(
      "The pairs that check the export, one JSON object per line as for 'ltr score'; without it, "
        + "six built-in pairs.",
      valueName: "file"))
  var checkPairs: String?

  @Option(
    help: ArgumentHelp(
      "The largest difference from the model's score that passes, for a score of magnitude 1; without it, a value for each precision.",
      valueName: "number"))
  var tolerance: Float?

  @Option(help: "A program that checks the export as well, if it holds an ONNX file.")
  var verify: Runtime?

  @Option(
    help: ArgumentHelp("The Python interpreter with the module onnxruntime.", valueName: "path"))
  var python = "python3"

  @OptionGroup var bundle: BundleOptions

  @Flag(
    help: ArgumentHelp(
      "Export a model whose score head was never trained, to measure its speed; its scores are "
        + "random.")
  )
  var untrained = false

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  func run() throws {
    let formats = try self.formats()
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      throw Failure(
        .usage, "a tolerance of \(tolerance) lets \(tolerance > 0 ? "everything" : "nothing") pass",
        expected: "a number above 0")
    }
    let output = self.output ?? OutputCheck.exportFolder(of: self.model.model)
    let inputs = [self.model.model, bundle.fromRun, bundle.calibration, checkPairs]
    try OutputCheck.export(output, overwrite: overwrite, keeping: inputs.compactMap { $0 })
    try bundle.check(output: output)
    var model = try ScoringModel(
      model.model, label: label.label, maximumLength: length.maxLength, prompt: prompt)
    try checkTrained(model)
    if let layers { model = try model.cut(toLayers: layers) }
    var notes = model.notes
    notes.maximumLength = model.maximumLength
    var facts = try bundle.facts(of: model.encoder, at: self.model.model, overwrite: overwrite)
    if !model.encoder.fresh.isEmpty { facts.warning = ExportRequest.untrainedLimit }
    try bundle.apply(&facts, to: model.encoder, &notes)
    let request = try ExportRequest(
      model: model.encoder, notes: notes, precision: precision.value, name: name,
      card: facts.card(of: model.encoder, notes: notes))
    var runtime: ExportCheck.Runtime?
    if verify != nil {
      let module = ONNXRuntime(python: python)
      runtime = { (file, pairs) throws(Failure) in try module.scores(of: pairs, with: file) }
    }
    let check = ExportCheck(
      pairs: try pairs(for: model), tolerance: tolerance, runtime: runtime)
    let outcome = try export(
      request, as: formats, to: output, overwrite: overwrite, check: check)
    for report in outcome.reports { say(report) }
    for (format, failure) in outcome.failures where outcome.failures.count > 1 {
      Terminal.say("warning: \(format): \(failure.problem)")
    }
    Terminal.say("wrote \(output)")
    if !outcome.failures.isEmpty, let path = bundle.bundle {
      Terminal.say("note: \(path) was not written: it would lack a requested format")
    }
    try outcome.check()
    try bundle.pack(
      output, formats: formats.map { ($0.name, $0.stored(precision.value)) }, facts,
      of: model.encoder, notes: notes)
  }

  /// Rejects a model with a random score head, unless `--untrained` was given.
  private func checkTrained(_ model: ScoringModel) throws(Failure) {
    guard !untrained, !model.encoder.fresh.isEmpty else { return }
    throw Failure(
      .badData, "the model has no trained score head: its scores would be random",
      at: Place(self.model.model),
      expected: "the tensors \(model.encoder.fresh.sorted().joined(separator: ", "))",
      remedy: "train it first with 'ltr train', or give --untrained if only its speed matters")
  }

  /// The requested formats.
  ///
  /// - Throws: `usage` for an unknown or repeated name, and if no format contains an ONNX file that
  ///   `--verify` could check.
  private func formats() throws(Failure) -> [ExportFormat] {
    var formats: [ExportFormat] = []
    for name in format.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
      let format = try ExportFormat.named(String(name))
      guard !formats.contains(where: { $0.name == format.name }) else {
        throw Failure(.usage, "the format '\(name)' is named twice")
      }
      formats.append(format)
    }
    if verify != nil, !formats.contains(where: \.holdsONNX) {
      let names = ExportFormat.all.filter(\.holdsONNX).map(\.name).joined(separator: ", ")
      throw Failure(
        .usage, "none of the formats holds an ONNX file for onnxruntime to verify",
        expected: "one of the formats that hold an ONNX file: \(names)")
    }
    return formats
  }

  private func pairs(for model: ScoringModel) throws(Failure) -> [EncodedPair] {
    let tokenizer = model.encoder.tokenizer
    guard let checkPairs else {
      return EncodedPair.samples(with: tokenizer, maximumLength: model.maximumLength)
    }
    var lines = try PairLines(reading: checkPairs)
    var pairs: [EncodedPair] = []
    while let (query, text) = try lines.next() {
      pairs.append(
        EncodedPair(
          query: query, text: text, with: tokenizer, maximumLength: model.maximumLength))
    }
    guard !pairs.isEmpty else {
      throw Failure(
        .badData, "the file holds no pairs to check the export with", at: Place(checkPairs))
    }
    return pairs
  }

  private func say(_ report: ExportReport) {
    if let agreement = report.agreement {
      Terminal.say("\(report.format): read back, \(Self.text(agreement))")
    }
    if let reader = report.reader {
      Terminal.say("\(report.format): as \(reader.name), \(Self.text(reader.agreement))")
    }
    if let runtime = report.runtime {
      Terminal.say("\(report.format): \(runtime.name), \(Self.text(runtime.agreement))")
    }
    for limit in report.limits { Terminal.say("note: \(report.format): \(limit)") }
  }

  private static func text(_ agreement: Agreement) -> String {
    "\(agreement.pairs) pairs score at most \(agreement.roundedDifference) from the model"
  }
}
