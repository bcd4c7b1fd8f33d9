public import Diagnostics
import Files
import JSON

/// How the scores of an export compare with the model's.
public struct ExportFindings: Sendable {
  /// The scores that the reader in `Verification` computes.
  public let agreement: Agreement
  /// How closely the scores of another program agree, with its name and version.
  public let runtime: (name: String, agreement: Agreement)?
  /// How closely the scores of a reader with different arithmetic agree, with its name; nil if there
  /// is none.
  public let reader: (name: String, agreement: Agreement)?

  /// The findings of one export.
  package init(
    agreement: Agreement, runtime: (name: String, agreement: Agreement)?,
    reader: (name: String, agreement: Agreement)?
  ) {
    self.agreement = agreement
    self.runtime = runtime
    self.reader = reader
  }
}

/// Reads a folder back before it takes its name; returns nil if nothing is scored. `Verification`
/// makes these functions, so that the code that writes a format does not decide how it is checked.
public typealias ExportVerification = (
  _ request: ExportRequest, _ format: ExportFormat, _ folder: String
) throws(Failure) -> ExportFindings?

/// The report on one written format.
public struct ExportReport: Sendable {
  /// The format's name.
  public let format: String
  /// The folder.
  public let path: String
  /// The comparison with the model; nil if the export was not scored.
  public let findings: ExportFindings?
  /// The reasons why scores of its readers differ from the model's.
  public let limits: [String]
}

/// The result of an export in one or several formats.
public struct ExportOutcome: Sendable {
  /// The formats that were written, at least one.
  public let reports: [ExportReport]
  /// The formats that failed, by name, with the reasons.
  public let failures: [(format: String, failure: Failure)]

  /// - Throws: `badData` if a format was not written, with its name and the reason.
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

/// Writes a model to the folder `path`. A single format is written into the folder itself; each of
/// several formats gets a subfolder of its name. Equal models give equal bytes.
///
/// The folder appears once all formats are complete. If several formats are requested, those that
/// cannot express the model or give different scores are left out; if none is left, or writing
/// fails, no folder appears and the contents of `path` are unchanged.
///
/// - Parameters:
///   - request: the model and its settings.
///   - formats: the formats to write.
///   - path: the folder.
///   - overwrite: whether an existing folder may be replaced.
///   - verification: reads every format back before the folder takes its name.
/// - Throws: `usage` if a format cannot store the precision; `cannotCreate` if the folder cannot be
///   made, or exists and may not be replaced; `io` if writing fails; `unavailable` if the program
///   that should check the export is missing; if no format is left, the failure of the first one:
///   `badData` if the format cannot express the model, a weight is not finite or too large for the
///   precision, or scores differ from the model's.
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
        // A full disk, or a Python without onnxruntime, is not the fault of the format.
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
  /// Writes an export to a folder and reads it back; `path` is its final name.
  fileprivate func write(
    _ request: ExportRequest, to folder: FolderWriter, as path: String,
    _ verification: ExportVerification
  ) throws(Failure) -> ExportReport {
    try write(try request.withoutExits(), folder)
    if contents == .huggingFace { try request.writeExits(to: folder) }
    let findings = try verification(request, self, folder.path)
    let report = ExportReport(
      format: name, path: path, findings: findings, limits: limits(request))
    // Some layouts have their own README that explains how to install them.
    if let card = request.card, fileKind(at: "\(folder.path)/\(ModelCard.fileName)") == nil {
      try folder.write(ModelCard.fileName, try card.text())
    }
    if findings != nil { try folder.write(ExportReport.fileName, try report.json(request)) }
    return report
  }
}

extension ExportReport {
  /// How closely the scores of the reader in `Verification` agree with the model's; nil if nothing
  /// was checked.
  public var agreement: Agreement? { findings?.agreement }
  /// How closely the scores of another program agree, with its name and version.
  public var runtime: (name: String, agreement: Agreement)? { findings?.runtime }
  /// How closely the scores of a reader with different arithmetic agree, with its name; nil if there
  /// is none.
  public var reader: (name: String, agreement: Agreement)? { findings?.reader }

  /// The name of the file that states how an export was made and checked.
  public static let fileName = "export.json"

  /// The text of the file. It contains no time and no path of this machine, so that equal exports
  /// give equal bytes.
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
    // Without a tolerance: no other export of this model would be closer.
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
