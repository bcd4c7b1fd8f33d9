public import Diagnostics
public import Export
public import ModelFiles
public import Models

/// The check of an export before it is renamed to its final path.
public struct ExportCheck: Sendable {
  /// Scores pairs by an ONNX file in a different program; returns its name and version, and the
  /// scores.
  public typealias Runtime =
    @Sendable (_ file: String, _ pairs: [EncodedPair]) throws(Failure) -> (String, [Float])

  /// The pairs to score.
  public let pairs: [EncodedPair]
  /// The largest allowed difference from a score of magnitude 1; nil for the precision's tolerance.
  public let tolerance: Float?
  /// A different program that reads ONNX files.
  public let runtime: Runtime?

  /// Creates a check that scores `pairs`, with a `runtime` also in that program.
  public init(pairs: [EncodedPair], tolerance: Float? = nil, runtime: Runtime? = nil) {
    self.pairs = pairs
    self.tolerance = tolerance
    self.runtime = runtime
  }
}

/// Writes a model to a folder as Export's `export(_:as:to:overwrite:verification:)` does, and reads
/// every format back before the folder is renamed to its final path: the tokenizers always, the
/// scores if `check` is given.
///
/// - Throws: errors of writing; `badData` if scores or tokens differ from the model's;
///   `unavailable` if the program for the check is missing.
@discardableResult
public func export(
  _ request: ExportRequest, as formats: [ExportFormat], to path: String, overwrite: Bool = false,
  check: ExportCheck? = nil
) throws(Failure) -> ExportOutcome {
  var expected: [Float]?
  return try Export.export(request, as: formats, to: path, overwrite: overwrite) {
    (request, format, folder) throws(Failure) -> ExportFindings? in
    try request.checkTokenizers(below: folder)
    guard let check else { return nil }
    let scores = expected ?? request.model.scores(of: check.pairs)
    expected = scores
    return try check.findings(on: folder, request, format, scores)
  }
}

/// Writes a model to the folder `path` in one format without checking its scores; see
/// `export(_:as:to:overwrite:check:)`.
public func export(
  _ model: CrossEncoder, notes: ModelNotes, as format: ExportFormat = .huggingFace,
  to path: String, precision: ExportPrecision = .f32, card: ModelCard? = nil,
  overwrite: Bool = false
) throws(Failure) {
  let request = try ExportRequest(model: model, notes: notes, precision: precision, card: card)
  try export(request, as: [format], to: path, overwrite: overwrite)
}

extension ExportCheck {
  /// Scores the pairs by the written files and compares the scores with the model's.
  fileprivate func findings(
    on folder: String, _ request: ExportRequest, _ format: ExportFormat, _ expected: [Float]
  ) throws(Failure) -> ExportFindings {
    let tolerance = tolerance ?? max(request.precision.tolerance, format.leastTolerance)
    let own = Agreement(
      try format.rescore(folder, pairs, request.model), with: expected, tolerance: tolerance)
    try own.check(by: "our reader", request, format)
    var other: (String, Agreement)?
    if let reader = format.reader {
      other = (
        reader.name,
        Agreement(try reader.scores(folder, pairs), with: expected, tolerance: tolerance)
      )
    }
    var theirs: (String, Agreement)?
    if format.holdsONNX, let runtime {
      let (program, scores) = try withONNXFile(below: folder) { (file) throws(Failure) in
        try runtime(file, pairs)
      }
      let agreement = Agreement(scores, with: expected, tolerance: tolerance)
      try agreement.check(by: program, request, format)
      theirs = (program, agreement)
    }
    return ExportFindings(agreement: own, runtime: theirs, reader: other)
  }
}
