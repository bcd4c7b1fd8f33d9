import Diagnostics
import Foundation
import Glibc

/// Runs `body` with the path of an empty folder in the system's folder for temporary files, which no
/// other user can read. It is removed at the end, and when the program is asked to end
/// (`removeUnfinished(ending:)`).
///
/// - Parameter name: the beginning of the folder's name.
/// - Throws: `cannotCreate` if the folder cannot be created; the errors of `body`.
public func withTemporaryFolder<Result>(
  _ name: String, _ body: (String) throws -> Result
) throws -> Result {
  let above = FileManager.default.temporaryDirectory.path
  let path = "\(above)/\(name)-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
  try beginWriting(path) { () throws(Failure) in
    // A folder that exists is another's.
    if unsafe mkdir(path, 0o700) != 0 { throw failureWriting(path, code: errno) }
  }
  defer { abandonWriting(path) }
  return try body(path)
}
