public import Diagnostics
import Files
import Foundation
import JSON

/// An installed `onnxruntime` module of Python, which scores pairs by an exported file.
public struct ONNXRuntime: Sendable {
  private let python: String

  /// The module of an interpreter, given by a path or a name on the search path.
  public init(python: String) { self.python = python }

  private static let program = """
    import json, sys
    try:
        import numpy, onnxruntime
    except ImportError as error:
        sys.exit(f"missing: {error}")
    with open(sys.argv[1]) as file:
        batches = json.load(file)
    session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
    asked = {each.name for each in session.get_inputs()}
    scores = []
    for batch in batches:
        given = {k: numpy.array(v, dtype=numpy.int64) for k, v in batch.items() if k in asked}
        scores += session.run(["logits"], given)[0][:, 0].tolist()
    with open(sys.argv[3], "w") as file:
        json.dump({"version": onnxruntime.__version__, "scores": scores}, file)
    """

  private struct Answer: Decodable {
    let version: String
    let scores: [Float]
  }

  /// The runtime's name and version, and the scores of pairs by an ONNX file.
  ///
  /// - Throws: `unavailable` if the interpreter or its module is missing; `badData` if the runtime
  ///   rejects the file.
  public func scores(
    of pairs: [EncodedPair], with file: String
  ) throws(Failure) -> (String, [Float]) {
    let batches = stride(from: 0, to: pairs.count, by: 4).map { start in
      let part = Array(pairs[start..<min(start + 4, pairs.count)])
      let padded = PaddedPairs(part)
      return padded.inputs.mapValues { values in
        (0..<part.count).map { Array(values[$0 * padded.length..<($0 + 1) * padded.length]) }
      }
    }
    let request = (try? JSONEncoder().encode(batches)).map { Array($0) } ?? []
    return try withTemporaryFile(holding: Bytes(request)) { (input) throws(Failure) in
      try withTemporaryFile(holding: Bytes([])) { (output) throws(Failure) in
        try run([input, file, output])
        let json = try readFile(output).array
        guard let answer = try? JSONReader().decode(Answer.self, from: json),
          answer.scores.count == pairs.count
        else {
          throw Failure(.badData, "onnxruntime did not return scores", at: Place(file))
        }
        return ("onnxruntime \(answer.version)", answer.scores)
      }
    }
  }

  private func run(_ arguments: [String]) throws(Failure) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python, "-c", Self.program] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    let text: String
    do {
      try process.run()
      let data = try errors.fileHandleForReading.readToEnd() ?? Data()
      text = String(decoding: data, as: UTF8.self)
    } catch {
      throw missing("the interpreter cannot be started")
    }
    process.waitUntilExit()
    if process.terminationReason == .exit, process.terminationStatus == 0 { return }
    let reason = text.split(separator: "\n").last.map(String.init) ?? "no error message"
    if reason.hasPrefix("missing: ") { throw missing(String(reason.dropFirst(9))) }
    // env exits with 127 if the program is missing, and with 126 if it cannot be executed.
    if process.terminationStatus == 127 { throw missing("the interpreter was not found") }
    if process.terminationStatus == 126 { throw missing("the interpreter cannot be started") }
    throw Failure(
      .badData, "onnxruntime cannot run the file: \(reason)", at: Place(arguments[1]))
  }

  private func missing(_ reason: String) -> Failure {
    Failure(
      .unavailable, "onnxruntime cannot be used through '\(python)': \(reason)",
      expected: "an interpreter that can import onnxruntime and numpy",
      remedy:
        "install onnxruntime there, give another interpreter with --python, or omit --verify")
  }
}

/// Calls `body` with the path of a temporary file of these bytes, which is removed afterwards.
func withTemporaryFile<R>(
  holding bytes: Bytes, _ body: (String) throws(Failure) -> R
) throws(Failure) -> R {
  let path = FileManager.default.temporaryDirectory
    .appending(path: "ltr-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  try writeAtomically(to: path) { (file) throws(Failure) in
    try bytes.withSpan { (span) throws(Failure) in try file.append(span) }
  }
  return try body(path)
}
