public import Diagnostics
import Files
import Foundation

/// A check of postings that no checksum vouches for: those of indexes that early versions built, or
/// that were put together by hand.
///
/// The library that reads postings trusts them: damaged ones may end the program, or keep it busy
/// for ever. The library's own check of a file is no safer. So that check runs in a process of its
/// own, with bounds of time and memory, and only postings that pass are opened in this one.
public struct PostingsCheck: Sendable {
  private let program: String
  private let arguments: [String]

  /// A check by a program that, with these arguments and a path behind them, calls `run`, and on
  /// failure writes the problem to standard output and ends with the failure's exit code.
  public init(program: String, arguments: [String]) {
    (self.program, self.arguments) = (program, arguments)
  }

  /// Checks postings in this process, which should do nothing else: it ends where the check takes
  /// too long.
  ///
  /// - Throws: `badData` where the postings are damaged; `missingInput` where there are none;
  ///   `unavailable` where the program was built without the library.
  public static func run(_ path: String) throws(Failure) {
    guard let size = fileSize(at: path) else {
      throw Failure(.missingInput, "there is no such file", at: Place(path))
    }
    // Far more than it needs: some milliseconds a MiB, and some bytes a document.
    try Xapian.check(path, seconds: 5 + size >> 20, bytes: 1 << 30 + size)
  }

  /// Has postings checked by the program.
  ///
  /// - Throws: what `run` does; `badData` where the check does not come to its end; `io` where the
  ///   program cannot be started.
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
      throw Failure(.io, "the check of the index cannot be started", at: Place(path))
    }
    process.waitUntilExit()
    let status = process.terminationStatus
    switch process.terminationReason {
    case .exit where status == 0: return
    case .exit:
      let kind = Failure.Kind(rawValue: status) ?? .io
      throw Failure(
        kind, problem.isEmpty ? "the check of the index failed" : problem, at: Place(path),
        remedy: kind == .badData ? Self.remedy : nil)
    default:
      let reason =
        [SIGXCPU, SIGKILL].contains(status)
        ? "does not come to an end" : "ends with signal \(status)"
      throw Failure(
        .badData, "the index is corrupt: a check of it \(reason)", at: Place(path),
        remedy: Self.remedy)
    }
  }

  private static let remedy = "build the index again"
}
