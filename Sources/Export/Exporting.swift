public import Diagnostics
import Files
import JSON
public import ModelFiles
public import Models

/// How an export is checked before it takes its name.
public struct ExportCheck: Sendable {
  /// Scores pairs with an ONNX file by another program: its name and version, and the scores.
  public typealias Runtime =
    @Sendable (_ file: String, _ pairs: [EncodedPair]) throws(Failure) -> (String, [Float])

  /// What is scored.
  public let pairs: [EncodedPair]
  /// How far a score of magnitude 1 may be from the model's; nil for what fits the precision.
  public let tolerance: Float?
  /// Another program that reads ONNX files.
  public let runtime: Runtime?

  /// A check.
  public init(pairs: [EncodedPair], tolerance: Float? = nil, runtime: Runtime? = nil) {
    self.pairs = pairs
    self.tolerance = tolerance
    self.runtime = runtime
  }
}

/// What is known about one format of an export that was written.
public struct ExportReport: Sendable {
  /// The format's name.
  public let format: String
  /// The folder.
  public let path: String
  /// What a reader of our own makes of it; nil where there is none, or nothing was to be checked.
  public let agreement: Agreement?
  /// What another program makes of it: its name and version, and how far it is from the model.
  public let runtime: (name: String, agreement: Agreement)?
  /// A program that does not compute quite what the model does, and how far from it that leads.
  public let reader: (name: String, agreement: Agreement)?
  /// Where its readers do not give the model's scores.
  public let limits: [String]
}

/// What came of an export in one or several formats.
public struct ExportOutcome: Sendable {
  /// The formats that were written, at least one.
  public let reports: [ExportReport]
  /// The formats that were not, by name, and why.
  public let failures: [(format: String, failure: Failure)]

  /// - Throws: `badData` where a format was not written, with its name and the reason.
  public func check() throws(Failure) {
    guard let (format, failure) = failures.first else { return }
    let names = failures.map(\.format).joined(separator: ", ")
    let written = reports.map(\.format).joined(separator: ", ")
    throw Failure(
      .badData,
      failures.count == 1
        ? "the format \(format) was not written: \(failure.problem)"
        : "\(failures.count) formats were not written: \(names)",
      at: failures.count == 1 ? failure.place : nil,
      expected: failures.count == 1 ? failure.expected : nil,
      remedy: (failures.count == 1 ? failure.remedy.map { $0 + "; " } ?? "" : "")
        + "written and checked: \(written)")
  }
}

/// Writes a model to the folder `path` in several formats: one format is the folder itself, of several
/// each has a folder in it that bears its name. Equal models are equal bytes.
///
/// The folder appears at once, when all formats are done. Of several formats, one that cannot hold or
/// does not give back the model is left out; where none can, and where writing fails, nothing appears
/// and what was at `path` stays.
///
/// - Parameters:
///   - request: the model and how it is stored.
///   - formats: for whom it is written.
///   - path: the folder.
///   - overwrite: whether a folder that is there already may be replaced.
///   - check: the pairs by which every format is checked before the folder takes its name.
/// - Throws: `usage` where a format cannot store the precision; `cannotCreate` where the folder
///   cannot be, or is there and may not be replaced; `io` where writing fails; `unavailable` where
///   another program is to check and cannot; where no format is left, what the first one failed with:
///   `badData` where it cannot compute the model, a weight is not finite or too large for the
///   precision, or scores are not the model's.
@discardableResult
public func export(
  _ request: ExportRequest, as formats: [ExportFormat], to path: String, overwrite: Bool = false,
  check: ExportCheck? = nil
) throws(Failure) -> ExportOutcome {
  for format in formats { try format.check(request.precision) }
  var reports: [ExportReport] = []
  var failures: [(format: String, failure: Failure)] = []
  try writeFolderAtomically(at: path, overwrite: overwrite) { (folder) throws(Failure) in
    let expected = check.map { request.model.scores(of: $0.pairs) } ?? []
    for format in formats {
      guard formats.count > 1 else {
        reports.append(try format.write(request, to: folder, as: path, check, expected))
        return
      }
      do throws(Failure) {
        let own = try folder.subfolder(format.name)
        reports.append(
          try format.write(request, to: own, as: "\(path)/\(format.name)", check, expected))
      } catch {
        // A disk that is full, or a Python without onnxruntime, says nothing about the format.
        guard error.kind == .badData || error.kind == .software else { throw error }
        failures.append((format.name, error))
        try folder.remove(format.name)
      }
    }
    if reports.isEmpty, let first = failures.first { throw first.failure }
  }
  return ExportOutcome(reports: reports, failures: failures)
}

/// Writes a model to the folder `path` in one format, unchecked; see
/// `export(_:as:to:overwrite:check:)`.
public func export(
  _ model: CrossEncoder, notes: ModelNotes, as format: ExportFormat = .huggingFace,
  to path: String, precision: ExportPrecision = .f32, card: ModelCard? = nil,
  overwrite: Bool = false
) throws(Failure) {
  let request = try ExportRequest(model: model, notes: notes, precision: precision, card: card)
  try export(request, as: [format], to: path, overwrite: overwrite)
}

extension ExportFormat {
  /// Fills a folder and checks it; `path` is the name it will have.
  fileprivate func write(
    _ request: ExportRequest, to folder: FolderWriter, as path: String, _ check: ExportCheck?,
    _ expected: [Float]
  ) throws(Failure) -> ExportReport {
    try write(request, folder)
    try request.checkTokenizers(below: folder.path)
    let report = try report(on: folder.path, as: path, request, check, expected)
    // Layouts of some servers come with a page of their own that says how they are taken in.
    if let card = request.card, fileKind(at: "\(folder.path)/\(ModelCard.fileName)") == nil {
      try folder.write(ModelCard.fileName, try card.text())
    }
    if check != nil { try folder.write(ExportReport.fileName, try report.json(request)) }
    return report
  }

  /// Checks a folder that was written.
  fileprivate func report(
    on folder: String, as path: String, _ request: ExportRequest, _ check: ExportCheck?,
    _ expected: [Float]
  ) throws(Failure) -> ExportReport {
    var agreement: Agreement?
    var runtime: (String, Agreement)?
    var other: (String, Agreement)?
    if let check {
      let tolerance = check.tolerance ?? max(request.precision.tolerance, leastTolerance)
      if let rescore {
        let own = Agreement(
          try rescore(folder, check.pairs, request.model), with: expected, tolerance: tolerance)
        try own.check(by: "our reader", request, self)
        agreement = own
      }
      if let reader {
        other = (
          reader.name,
          Agreement(try reader.scores(folder, check.pairs), with: expected, tolerance: tolerance)
        )
      }
      if holdsONNX, let run = check.runtime {
        let (program, scores) = try withONNXFile(below: folder) { (file) throws(Failure) in
          try run(file, check.pairs)
        }
        let theirs = Agreement(scores, with: expected, tolerance: tolerance)
        try theirs.check(by: program, request, self)
        runtime = (program, theirs)
      }
    }
    return ExportReport(
      format: name, path: path, agreement: agreement, runtime: runtime, reader: other,
      limits: limits(request))
  }
}

extension ExportReport {
  /// The name of the file that says how an export was made and checked.
  public static let fileName = "export.json"

  /// The file's text. There is no time in it and nothing of this machine, so that equal exports are
  /// equal bytes.
  fileprivate func json(_ request: ExportRequest) throws(Failure) -> String {
    let known = try ExportFormat.named(format)
    var members: [String: JSONValue] = [
      "format": .text(format), "precision": .text(known.stored(request.precision)),
      "program": .text("\(Program.name) \(Program.version)"),
      "max_length": .whole(request.maximumLength),
      "activation": request.notes.isCalibrated ? "sigmoid" : "identity",
      "limits": .list(limits.map { .text($0) }),
    ]
    if known.holdsONNX {
      members["opset"] = .whole(ONNXFile.operatorSet)
      members["ir_version"] = .whole(ONNXFile.formatVersion)
    }
    members["check"] = agreement.map { $0.json(by: "\(Program.name) \(Program.version)") }
    // Not held to any tolerance: nothing that is written could change it.
    members["as_read"] = reader.map { $0.agreement.json(by: $0.name, isHeldToTolerance: false) }
    members["verified"] = runtime.map { $0.agreement.json(by: $0.name) }
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }
}

extension Agreement {
  fileprivate func json(by reader: String, isHeldToTolerance: Bool = true) -> JSONValue {
    var members: [String: JSONValue] = [
      "reader": .text(reader), "pairs": .whole(pairs), "max_difference": .number(roundedDifference),
    ]
    if isHeldToTolerance {
      members["tolerance"] = .number(Double("\(tolerance)") ?? Double(tolerance))
    }
    return .object(members)
  }
}
