package import Export
import JSON
package import ModelFiles
package import Models
import Tables

extension ModelFacts {
  /// The model card for a model with these notes.
  package func card(of model: CrossEncoder, notes: ModelNotes) -> ModelCard {
    var card = ModelCard(
      name: run.name ?? "A cross-encoder", model: model.sizes,
      maximumLength: notes.maximumLength(for: model.sidecar, positions: model.maximumLength))
    card.base = notes.base.map(ModelNotes.short)
    card.license = license
    card.baseLicense = baseLicense
    card.data = run.dataLines
    card.training = run.trainingLines
    card.results = run.results
    card.warning = warning ?? run.warning
    card.isCalibrated = notes.isCalibrated
    card.hasTokenTypes = model.blueprint.hasTokenTypes
    card.loadsInLlama = model.loadsInLlama
    card.servers = model.fitsFamilyHead ? model.architecture.exported.servers : []
    card.loading = model.architecture.exported.loading
    if let calibration { card.calibration = calibration.lines }
    return card
  }
}

extension CrossEncoder {
  /// The sizes, one per line.
  var sizes: [ModelCard.Line] {
    [
      .init("layers", "\(blueprint.layers.count)"),
      .init("hidden size", "\(blueprint.hiddenSize)"),
      .init("parameters", "\(parameters.table.count)"),
      .init("vocabulary", "\(tokenizer.vocabularySize)"),
      .init("token types of a pair", "\(tokenTypes)"),
    ]
  }
}

extension CalibrationFile {
  /// The formula and the errors of the fit.
  fileprivate var lines: [ModelCard.Line] {
    var lines = [
      ModelCard.Line(
        "probability of relevance",
        json["applied"] == nil
          ? "1 / (1 + exp(−(\(fixed(slope, 4)) · score + \(fixed(intercept, 4)))))"
          : "1 / (1 + exp(−score))")
    ]
    if case .whole(let count)? = json["candidates"], case .whole(let relevant)? = json["relevant"] {
      lines.append(.init("fitted on", "\(count) candidates, \(relevant) of them relevant"))
    }
    let key = "expected_calibration_error"
    if json["applied"] != nil, let after = json["platt"]?[key]?.double {
      lines.append(.init("calibration error", "\(fixed(after, 4)) on these candidates"))
    }
    if let before = json["uncalibrated"]?[key]?.double, let after = json["platt"]?[key]?.double {
      lines.append(
        .init(
          "calibration error",
          "\(fixed(before, 4)) of the sigmoid alone, \(fixed(after, 4)) of the fit, on these candidates"
        ))
    }
    return lines
  }
}
