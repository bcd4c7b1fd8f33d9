import Export
import JSON
import ModelFiles
import Models
import Tables

/// What is known of a model that is to be exported, as the model card and the manifest of a bundle say
/// it.
struct ModelFacts {
  /// What the run that trained it says.
  var provenance: Provenance
  /// How its scores read as probabilities.
  var calibration: CalibrationFile?
  /// Its licence.
  var license: String?
  /// The licence of what it was trained from.
  var baseLicense: String?
  /// Why nobody should serve it, beside what the run says.
  var warning: String?

  /// The card of a model.
  func card(of model: CrossEncoder, notes: ModelNotes) -> ModelCard {
    var card = ModelCard(
      name: provenance.name ?? "A cross-encoder", model: model.sizes,
      maximumLength: notes.maximumLength(for: model.sidecar, positions: model.maximumLength))
    card.base = notes.base.map(ModelNotes.short)
    card.license = license
    card.baseLicense = baseLicense
    card.data = provenance.dataLines
    card.training = provenance.trainingLines
    card.results = provenance.results
    card.warning = warning ?? provenance.warning
    card.isCalibrated = notes.isCalibrated
    if let calibration { card.calibration = calibration.lines }
    return card
  }

  /// What a manifest says of a model beside files and formats.
  func manifest(of model: CrossEncoder, notes: ModelNotes) -> [String: JSONValue] {
    let length = notes.maximumLength(for: model.sidecar, positions: model.maximumLength)
    var members: [String: JSONValue] = [
      "ltr_version": .text(Program.version),
      "license": .text(license ?? "unknown"),
      "base_license": .text(baseLicense ?? "unknown"),
      "weights_sha256": .text(model.weightsChecksum),
      "calibrated": .flag(notes.isCalibrated),
      "tokenizer": [
        "max_length": .whole(length),
        "vocabulary": .whole(model.tokenizer.vocabularySize),
        "segments": .whole(model.segments),
      ],
    ]
    var sizes: [String: JSONValue] = [:]
    for line in model.sizes {
      sizes[line.name.replacing(" ", with: "_")] = Int(line.value).map(JSONValue.whole)
    }
    members["model"] = .object(sizes)
    // What is not known is said to be.
    members["warning"] = (warning ?? provenance.warning).map(JSONValue.text) ?? .null
    members["base"] = notes.base.map { .text(ModelNotes.short($0)) } ?? .null
    members["fusion_weight"] = notes.fusionWeight.map(JSONValue.number) ?? .null
    members["recipe"] = provenance.recipeText.map(JSONValue.text) ?? .null
    members["data"] = provenance.data.map { .object($0).withShortPaths } ?? .null
    members["measures"] = provenance.metrics ?? .null
    members["calibration"] = calibration?.json ?? .null
    return members
  }
}

extension JSONValue {
  /// What is known of files, without the folders of the machine they were on.
  var withShortPaths: JSONValue {
    if case .list(let values) = self { return .list(values.map(\.withShortPaths)) }
    guard var members = members?.mapValues(\.withShortPaths) else { return self }
    if case .text(let path)? = members["path"] { members["path"] = .text(ModelNotes.short(path)) }
    return .object(members)
  }
}

extension CrossEncoder {
  /// The sizes, a line each.
  fileprivate var sizes: [ModelCard.Line] {
    [
      .init("layers", "\(configuration.layers)"),
      .init("hidden size", "\(configuration.hiddenSize)"),
      .init("parameters", "\(parameters.table.count)"),
      .init("vocabulary", "\(tokenizer.vocabularySize)"),
      .init("token types of a pair", "\(segments)"),
    ]
  }
}

extension CalibrationFile {
  /// What the card says of it.
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
      lines.append(.init("calibration error", "\(fixed(after, 4)) on those"))
    }
    if let before = json["uncalibrated"]?[key]?.double, let after = json["platt"]?[key]?.double {
      lines.append(
        .init(
          "calibration error",
          "\(fixed(before, 4)) of the sigmoid alone, \(fixed(after, 4)) of the fit, on those"))
    }
    return lines
  }
}
