public import Diagnostics
public import Files
public import Models
public import Persistence

/// What is to be exported.
public struct ExportRequest: Sendable {
  /// The model with the weights as they are now.
  public let model: CrossEncoder
  /// What else is known about it.
  public let notes: ModelNotes
  /// What the weights are stored as.
  public let precision: StoredPrecision

  /// The most tokens of a query and a document together, for files that have to say so.
  public var maximumLength: Int {
    notes.maximumLength(for: model.sidecar, positions: model.maximumLength)
  }
}

/// A way to write a model for those who serve it. A new one is one file that makes one of these,
/// and one more entry in `all`.
public struct ExportFormat: Sendable {
  /// What the command line calls it.
  public let name: String
  /// What it is and who reads it, in one sentence.
  public let meaning: String
  /// Fills a folder.
  public let write: @Sendable (ExportRequest, FolderWriter) throws(Failure) -> Void

  /// All formats, in the order they are listed.
  public static let all: [ExportFormat] = [.huggingFace]

  /// The format called `name`.
  ///
  /// - Throws: `usage` with the nearest name where there is none.
  public static func named(_ name: String) throws(Failure) -> ExportFormat {
    if let format = all.first(where: { $0.name == name }) { return format }
    let names = all.map(\.name)
    throw Failure(
      .usage, "there is no export format '\(name)'",
      expected: "one of \(names.joined(separator: ", "))",
      remedy: nearest(to: name, in: names).map { "write '\($0)'" })
  }
}

/// Writes a model to the folder `path`, whole or not at all. Equal models are equal bytes.
///
/// - Parameters:
///   - model: the model with the weights as they are now.
///   - notes: what else is known about it; it stands in `ltr.json` afterwards.
///   - format: for whom it is written.
///   - path: the folder.
///   - precision: what the weights are stored as.
///   - overwrite: whether a folder that is there already may be replaced.
/// - Throws: `cannotCreate` where the folder cannot be, or is there and may not be replaced; `io`
///   where writing fails; `badData` where a weight is not finite, or too large for `precision`.
public func export(
  _ model: CrossEncoder, notes: ModelNotes, as format: ExportFormat = .huggingFace,
  to path: String, precision: StoredPrecision = .f32, overwrite: Bool = false
) throws(Failure) {
  let request = ExportRequest(model: model, notes: notes, precision: precision)
  try writeFolderAtomically(at: path, overwrite: overwrite) { (folder) throws(Failure) in
    try format.write(request, folder)
  }
}
