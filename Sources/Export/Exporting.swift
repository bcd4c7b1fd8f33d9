public import Diagnostics
import Files
import JSON

/// How what was written compares with the model, where it was scored.
public struct ExportFindings: Sendable {
  /// What a reader of our own makes of it.
  public let agreement: Agreement
  /// What another program makes of it: its name and version, and how far it is from the model.
  public let runtime: (name: String, agreement: Agreement)?
  /// A program that does not compute quite what the model does, and how far from it that leads.
  public let reader: (name: String, agreement: Agreement)?

  /// Findings.
  package init(
    agreement: Agreement, runtime: (name: String, agreement: Agreement)?,
    reader: (name: String, agreement: Agreement)?
  ) {
    self.agreement = agreement
    self.runtime = runtime
    self.reader = reader
  }
}

/// Reads a folder back before it takes its name; nil where it scores nothing. `Verification` makes
/// these: what writes a format has no say in how it is checked.
public typealias ExportVerification = (
  _ request: ExportRequest, _ format: ExportFormat, _ folder: String
) throws(Failure) -> ExportFindings?

/// What is known about one format of an export that was written.
public struct ExportReport: Sendable {
  /// The format's name.
  public let format: String
  /// The folder.
  public let path: String
  /// How it compares with the model; nil where it was not scored.
  public let findings: ExportFindings?
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
///   - verification: reads every format back before the folder takes its name.
/// - Throws: `usage` where a format cannot store the precision; `cannotCreate` where the folder
///   cannot be, or is there and may not be replaced; `io` where writing fails; `unavailable` where
///   another program is to check and cannot; where no format is left, what the first one failed with:
///   `badData` where it cannot compute the model, a weight is not finite or too large for the
///   precision, or scores are not the model's.
@discardableResult
public func export(
  _ request: ExportRequest, as formats: [ExportFormat], to path: String, overwrite: Bool = false,
  verification: ExportVerification
) throws(Failure) -> ExportOutcome {
  for format in formats { try format.check(request.precision) }
  var reports: [ExportReport] = []
  var failures: [(format: String, failure: Failure)] = []
  try writeFolderAtomically(at: path, overwrite: overwrite) { (folder) throws(Failure) in
    for format in formats {
      guard formats.count > 1 else {
        reports.append(try format.write(request, to: folder, as: path, verification))
        return
      }
      do throws(Failure) {
        let own = try folder.subfolder(format.name)
        reports.append(
          try format.write(request, to: own, as: "\(path)/\(format.name)", verification))
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

extension ExportFormat {
  /// Fills a folder and has it read back; `path` is the name it will have.
  fileprivate func write(
    _ request: ExportRequest, to folder: FolderWriter, as path: String,
    _ verification: ExportVerification
  ) throws(Failure) -> ExportReport {
    try write(request, folder)
    let findings = try verification(request, self, folder.path)
    let report = ExportReport(
      format: name, path: path, findings: findings, limits: limits(request))
    // Layouts of some servers come with a page of their own that says how they are taken in.
    if let card = request.card, fileKind(at: "\(folder.path)/\(ModelCard.fileName)") == nil {
      try folder.write(ModelCard.fileName, try card.text())
    }
    if findings != nil { try folder.write(ExportReport.fileName, try report.json(request)) }
    return report
  }
}

extension ExportReport {
  /// What a reader of our own makes of it; nil where nothing was to be checked.
  public var agreement: Agreement? { findings?.agreement }
  /// What another program makes of it: its name and version, and how far it is from the model.
  public var runtime: (name: String, agreement: Agreement)? { findings?.runtime }
  /// A program that does not compute quite what the model does, and how far from it that leads.
  public var reader: (name: String, agreement: Agreement)? { findings?.reader }

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
    members["check"] = findings?.agreement.json(by: "\(Program.name) \(Program.version)")
    // Not held to any tolerance: nothing that is written could change it.
    members["as_read"] = findings?.reader.map {
      $0.agreement.json(by: $0.name, isHeldToTolerance: false)
    }
    members["verified"] = findings?.runtime.map { $0.agreement.json(by: $0.name) }
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
