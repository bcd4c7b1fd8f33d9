package import Autodiff
package import Diagnostics
import Models
package import Persistence
import Tensors

/// A model in a checkpoint: where its parameters and the files beside them lie, and the one place
/// that writes and reads them.
package enum ModelCheckpoint {
  /// Where the parameters are, by name.
  package static let weights = "/model/"
  /// Where the files of the sidecar are, by name.
  package static let files = "/sidecar/"

  /// Writes a model's parameters and the small files that belong to them.
  ///
  /// - Throws: `Failure` where the file cannot be written.
  package static func put(
    _ parameters: Parameters, files: [String: [UInt8]], into writer: inout CheckpointWriter
  ) throws(Failure) {
    for entry in parameters.table.entries {
      try parameters[entry.parameter].withSpan { (span) throws(Failure) in
        try writer.put(weights + entry.name, span, shape: entry.parameter.shape.array)
      }
    }
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
      try writer.put(Self.files + name, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Puts the parameters of a checkpoint in place.
  ///
  /// - Throws: `badData` where one is missing, damaged or has another size.
  package static func read(
    _ reader: borrowing CheckpointReader, into parameters: Parameters
  ) throws(Failure) {
    for entry in parameters.table.entries {
      try parameters[entry.parameter].withMutableSpan { (span) throws(Failure) in
        try reader.read(weights + entry.name, into: &span)
      }
    }
  }

  /// The parameters of a table with the values of a checkpoint.
  ///
  /// - Throws: `badData` where one is missing, damaged or has another shape.
  static func parameters(
    _ table: ParameterTable, of reader: borrowing CheckpointReader
  ) throws(Failure) -> Parameters {
    for entry in table.entries {
      let key = weights + entry.name
      let shape = entry.parameter.shape
      guard let found = reader.entry(key)?.shape, found == shape.array else {
        throw Failure(
          .badData, "the parameter '\(entry.name)' is missing or has another shape",
          at: Place(reader.path, key: key), expected: "shape \(shape)")
      }
    }
    let parameters = Parameters(table)
    try read(reader, into: parameters)
    return parameters
  }

  /// The files of a checkpoint that make its weights into a model.
  ///
  /// - Throws: `badData` where one is damaged.
  static func sidecar(of reader: borrowing CheckpointReader) throws(Failure) -> ModelSidecar {
    var found: [String: [UInt8]] = [:]
    for name in ["config.json"] + ModelSidecar.tokenizerNames
    where reader.entry(files + name) != nil {
      found[name] = Array(try reader.text(files + name).utf8)
    }
    var sidecar = ModelSidecar(place: reader.path, files: found)
    sidecar.isOfCheckpoint = true
    return sidecar
  }
}
