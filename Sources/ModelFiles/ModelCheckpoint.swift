package import Autodiff
package import Diagnostics
import Models
package import Persistence
import Tensors

/// The layout of a model in a checkpoint: its parameters and the files beside them. Only this type
/// writes and reads them.
package enum ModelCheckpoint {
  /// The path of the parameters, by name.
  package static let weights = "/model/"
  /// The path of the sidecar's files, by name.
  package static let files = "/sidecar/"

  /// Writes a model's parameters, without those that stay its base's, and the small files that
  /// belong to them.
  ///
  /// - Throws: `Failure` if the file cannot be written.
  package static func put(
    _ parameters: Parameters, files: [String: [UInt8]], into writer: inout CheckpointWriter
  ) throws(Failure) {
    for entry in parameters.table.entries where !entry.isFixed {
      try parameters[entry.parameter].withSpan { (span) throws(Failure) in
        try writer.put(weights + entry.name, span, shape: entry.parameter.shape.array)
      }
    }
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
      try writer.put(Self.files + name, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Rejects a checkpoint of adapters of another base than that of a model with these files.
  ///
  /// - Throws: `badData` if the base's values differ from those at the checkpoint.
  package static func requireBase(
    of files: [String: [UInt8]], _ reader: borrowing CheckpointReader
  ) throws(Failure) {
    let name = AdapterConfiguration.fileName
    guard let own = files[name], reader.entry(Self.files + name) != nil else { return }
    let written = Array(try reader.text(Self.files + name).utf8)
    guard
      try AdapterConfiguration(json: own, name: name).baseDigest
        != AdapterConfiguration(json: written, name: reader.path).baseDigest
    else { return }
    throw Failure(
      .badData, "the base model has other weights than at the checkpoint", at: Place(reader.path),
      expected: "the base model that the adapter was trained on",
      remedy: "restore the base model, or start a new run in another output folder")
  }

  /// Copies the parameters of a checkpoint into a model.
  ///
  /// - Throws: `badData` if one is missing, damaged or of a different size.
  package static func read(
    _ reader: borrowing CheckpointReader, into parameters: Parameters
  ) throws(Failure) {
    for entry in parameters.table.entries where !entry.isFixed {
      try parameters[entry.parameter].withMutableSpan { (span) throws(Failure) in
        try reader.read(weights + entry.name, into: &span)
      }
    }
  }

  /// The parameters of a table, which another may continue, with the values of a checkpoint, of whose
  /// layers `cut` may keep some. Shapes are compared before memory is taken.
  ///
  /// - Throws: `badData` if one is missing, damaged or of a different shape.
  static func parameters(
    _ table: ParameterTable, in whole: ParameterTable, of reader: borrowing CheckpointReader,
    _ cut: LayerCut? = nil
  ) throws(Failure) -> Parameters {
    func key(_ name: String) -> String { weights + (cut?.wholeName(name) ?? name) }
    for entry in table.entries {
      let key = key(entry.name)
      let shape = entry.parameter.shape
      guard let found = reader.entry(key)?.shape, found == shape.array else {
        throw Failure(
          .badData, "the parameter '\(entry.name)' is missing or has a different shape",
          at: Place(reader.path, key: key), expected: "shape \(shape)")
      }
    }
    let parameters = Parameters(whole)
    for entry in table.entries {
      try parameters[entry.parameter].withMutableSpan { (span) throws(Failure) in
        try reader.read(key(entry.name), into: &span)
      }
    }
    return parameters
  }

  /// The configuration and tokenizer files of a checkpoint.
  ///
  /// - Throws: `badData` if one is damaged.
  static func sidecar(of reader: borrowing CheckpointReader) throws(Failure) -> ModelSidecar {
    var found: [String: [UInt8]] = [:]
    for name in ["config.json", ModelSidecar.modulesName, ExitPlan.fileName]
      + ModelSidecar.tokenizerNames
    where reader.entry(files + name) != nil {
      found[name] = Array(try reader.text(files + name).utf8)
    }
    var sidecar = ModelSidecar(place: reader.path, files: found)
    sidecar.isOfCheckpoint = true
    sidecar.hasNotes = true
    sidecar.prompt = try ModelNotes(of: reader)?.prompt
    return sidecar
  }
}
