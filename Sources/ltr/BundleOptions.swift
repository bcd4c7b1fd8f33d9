import ArgumentParser
import Diagnostics
import Export
import Files
import Foundation
import ModelFiles
import Models
import Provenance
import Recipes
import Tables

/// The options of `ltr export` for the bundle, and for the facts in its manifest and the model
/// card.
struct BundleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Pack the output and a manifest with checksums into this file as well.",
      valueName: "file.tar.gz"))
  var bundle: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the run that trained the model, for the card and the manifest. Without it, "
        + "the folder that contains the model.",
      valueName: "folder"))
  var fromRun: String?

  @Option(help: ArgumentHelp("The model's licence, such as apache-2.0.", valueName: "name"))
  var license: String?

  @Option(help: ArgumentHelp("The licence of the base model.", valueName: "name"))
  var baseLicense: String?

  @Option(
    help: ArgumentHelp(
      "The calibration file, from ltr calibrate. Without it, the one in the run's folder, if any.",
      valueName: "file"))
  var calibration: String?

  @Flag(
    help: ArgumentHelp(
      "Fold the calibration into the last layer: raw scores change, and their sigmoid is the "
        + "probability of relevance."
    ))
  var applyCalibration = false

  /// Reads the facts about a model, before anything is written.
  ///
  /// - Throws: `usage` for incompatible options, `cannotCreate` if the bundle cannot be written,
  ///   and `Failure` if a file is malformed or belongs to a different model.
  func facts(
    of model: CrossEncoder, at path: String, overwrite: Bool
  ) throws(Failure) -> ModelFacts {
    if let bundle { try OutputCheck.file(bundle, overwrite: overwrite) }
    let run = if let fromRun { try TrainedRun(in: fromRun) } else { try TrainedRun(ofModel: path) }
    var facts = ModelFacts(run: run, license: license, baseLicense: baseLicense)
    if let calibration {
      let file = try CalibrationFile(reading: calibration)
      try file.check(model, path: calibration)
      facts.calibration = file
    } else if let own = run.folder.map({ $0 + "/" + CalibrationFile.fileName }),
      fileKind(at: own) == .file
    {
      let file = try CalibrationFile(reading: own)
      // The calibration fits the best checkpoint only; other checkpoints of the run have different
      // weights.
      if file.fits(model) { facts.calibration = file }
    }
    if applyCalibration, facts.calibration == nil {
      throw Failure(
        .usage, "there is no calibration to apply", expected: "--calibration with a file",
        remedy: "write one with 'ltr calibrate'")
    }
    return facts
  }

  /// Rejects a bundle within the folder of the export.
  func check(output: String) throws(Failure) {
    guard let bundle else { return }
    let (file, folder) = (URL(filePath: bundle), URL(filePath: output))
    let (inner, outer) = (file.standardizedFileURL.path, folder.standardizedFileURL.path)
    let top = outer.hasSuffix("/") ? outer : outer + "/"
    guard inner == outer || inner.hasPrefix(top) else { return }
    throw Failure(
      .usage, "the bundle would be inside the folder that it packs", at: Place(bundle),
      expected: "a file outside \(output)")
  }

  /// Merges the calibration into the model if requested, and reports it.
  func apply(
    _ facts: inout ModelFacts, to model: CrossEncoder, _ notes: inout ModelNotes
  ) throws(Failure) {
    guard applyCalibration, let file = facts.calibration else { return }
    try model.apply(file)
    notes.isCalibrated = true
    facts.calibration = file.applied(to: model)
    Terminal.say(
      "note: the calibration was folded into the last layer: raw scores are "
        + "\(fixed(file.slope, 4)) times the model's, plus \(fixed(file.intercept, 4))")
  }

  /// Packs the export if a bundle was requested.
  ///
  /// - Parameters:
  ///   - output: the folder of the export.
  ///   - formats: the name and the precision of each format in it.
  func pack(
    _ output: String, formats: [(name: String, precision: String)], _ facts: ModelFacts,
    of model: CrossEncoder, notes: ModelNotes
  ) throws(Failure) {
    guard let bundle else { return }
    var members = facts.manifest(of: model, notes: notes)
    members["formats"] = .list(
      formats.map { ["name": .text($0.name), "precision": .text($0.precision)] })
    try writeBundle(of: output, to: bundle, facts: members)
    Terminal.say("wrote \(bundle)")
  }
}

extension TrainedRun {
  /// Reads the folder of a run.
  init(in folder: String) throws(Failure) { try self.init(in: folder, recipe: Self.recipe) }

  /// Reads the folder of the run that contains a model.
  init(ofModel path: String) throws(Failure) {
    try self.init(ofModel: path, recipe: Self.recipe)
  }

  private static func recipe(at path: String) throws(Failure) -> TrainingRecipe {
    try TrainingRecipe(reading: path, overrides: [], output: nil)
  }
}
