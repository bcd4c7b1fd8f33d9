public import Diagnostics
import Files
import Foundation

/// A check of postings without a checksum: those of indexes that early versions built or that were
/// assembled by hand.
///
/// The library that reads postings trusts them: damaged ones may crash the program or make it loop
/// without terminating. The library's own check of a file is no safer. Therefore that check runs in
/// a separate process with limits on time and memory, and only postings that pass are opened in
/// this process.
public struct PostingsCheck: Sendable {
  private let program: String
  private let arguments: [String]

  /// A check by a program that, called with these arguments and a path appended, calls `run`; on
  /// failure it writes the problem to standard output and exits with the failure's exit code.
  public init(program: String, arguments: [String]) {
    (self.program, self.arguments) = (program, arguments)
  }

  /// Checks postings in this process, which should do nothing else: it is terminated if the check
  /// takes too long.
  ///
  /// - Throws: `badData` if the postings are damaged; `missingInput` if there are none;
  ///   `unavailable` if the program was built without the library.
  public static func run(_ path: String) throws(Failure) {
    guard let size = fileSize(at: path) else {
      throw Failure(.missingInput, "there is no such file", at: Place(path))
    }
    // Far above the check's needs: some milliseconds per MiB, and some bytes per document.
    try Xapian.check(path, seconds: 5 + size >> 20, bytes: 1 << 30 + size)
  }

  /// Runs the program to check postings.
  ///
  /// - Throws: errors of `run`; `badData` if the check does not complete; `io` if the program
  ///   cannot be started.
  func callAsFunction(_ path: String) throws(Failure) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments + [path]
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    let problem: String
    do {
      try process.run()
      let said = try output.fileHandleForReading.readToEnd() ?? Data()
      problem = String(decoding: said.prefix(1024), as: UTF8.self)
    } catch {
      throw Failure(.io, "the index check cannot be started", at: Place(path))
    }
    process.waitUntilExit()
    let status = process.terminationStatus
    switch process.terminationReason {
    case .exit where status == 0: return
    case .exit:
      let kind = Failure.Kind(rawValue: status) ?? .io
      throw Failure(
        kind, problem.isEmpty ? "the index check failed" : problem, at: Place(path),
        remedy: kind == .badData ? Self.remedy : nil)
    default:
      let reason =
        [SIGXCPU, SIGKILL].contains(status)
        ? "exceeded its CPU time limit" : "ended with signal \(status)"
      throw Failure(
        .badData, "the index is corrupt: the index check \(reason)", at: Place(path),
        remedy: Self.remedy)
    }
  }

  private static let remedy = "rebuild the index"
}
