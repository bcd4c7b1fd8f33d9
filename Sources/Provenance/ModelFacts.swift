import Export
package import JSON
package import ModelFiles
package import Models

/// The facts about an exported model, for its card and for the manifest of its bundle.
package struct ModelFacts {
  /// The run that trained the model.
  package var run: TrainedRun
  /// The calibration of the model's scores; nil without one.
  package var calibration: CalibrationFile?
  /// The model's licence, such as `apache-2.0`; nil if unknown.
  package var license: String?
  /// The licence of the base model; nil if unknown.
  package var baseLicense: String?
  /// Why the model should not be served; nil selects the warning of the run.
  package var warning: String?

  /// The facts of a run, with licences if they are known.
  package init(run: TrainedRun, license: String? = nil, baseLicense: String? = nil) {
    (self.run, self.license, self.baseLicense) = (run, license, baseLicense)
  }

  /// The members of a bundle's manifest that describe the model; those of its files and formats are
  /// added by the export. Unknown members are null.
  package func manifest(of model: CrossEncoder, notes: ModelNotes) -> [String: JSONValue] {
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
        "segments": .whole(model.tokenTypes),
      ],
    ]
    var sizes: [String: JSONValue] = [:]
    for line in model.sizes {
      sizes[line.name.replacing(" ", with: "_")] = Int(line.value).map(JSONValue.whole)
    }
    members["model"] = .object(sizes)
    members["warning"] = (warning ?? run.warning).map(JSONValue.text) ?? .null
    members["base"] = notes.base.map { .text(ModelNotes.short($0)) } ?? .null
    members["fusion_weight"] = notes.fusionWeight.map(JSONValue.number) ?? .null
    members["recipe"] = run.recipeText.map(JSONValue.text) ?? .null
    members["data"] = run.data.map { .object($0).withShortPaths } ?? .null
    members["measures"] = run.metrics ?? .null
    members["calibration"] = calibration?.json ?? .null
    return members
  }
}

extension JSONValue {
  /// A description of files in which each `path` is reduced to its last component, without the
  /// folders of this machine.
  var withShortPaths: JSONValue {
    if case .list(let values) = self { return .list(values.map(\.withShortPaths)) }
    guard var members = members?.mapValues(\.withShortPaths) else { return self }
    if case .text(let path)? = members["path"] { members["path"] = .text(ModelNotes.short(path)) }
    return .object(members)
  }
}
