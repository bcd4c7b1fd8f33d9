package import Diagnostics
import Glibc

/// The system's description of an error number.
func systemMessage(_ code: Int32) -> String {
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}

/// The failure for an error number of opening or reading `path`.
package func failureReading(_ path: String, code: Int32) -> Failure {
  switch code {
  case ENOENT, ENOTDIR:
    let near = neighbour(of: path).map { "write '\($0)', which exists" }
    return Failure(
      .missingInput, "there is no such file or folder", at: Place(path), remedy: near)
  case EACCES, EPERM:
    return Failure(
      .missingInput, "permission to read is denied", at: Place(path),
      remedy: "grant read permission (chmod u+r)")
  case EISDIR:
    return Failure(
      .missingInput, "the input is a folder", at: Place(path), expected: "a file")
  default:
    return Failure(.io, "reading failed: \(systemMessage(code))", at: Place(path))
  }
}

/// The failure for an error number of creating or writing `path`.
package func failureWriting(_ path: String, code: Int32) -> Failure {
  switch code {
  case ENOENT, ENOTDIR:
    return Failure(
      .cannotCreate, "the folder of the output does not exist", at: Place(path),
      remedy: "create the folder '\(parent(of: path))' first")
  case EACCES, EPERM, EROFS:
    return Failure(
      .cannotCreate, "the output cannot be created: \(systemMessage(code).lowercased())",
      at: Place(path), remedy: "choose a writable location")
  case EISDIR, EEXIST, ENOTEMPTY, ELOOP:
    return Failure(
      .cannotCreate, "the output cannot be created: the path already exists", at: Place(path),
      remedy: "remove what exists there, or choose another name")
  case ENOSPC, EDQUOT:
    return Failure(
      .io, "the disk is full", at: Place(path),
      remedy: "free some space there or choose a place on another disk")
  default:
    return Failure(.io, "writing failed: \(systemMessage(code))", at: Place(path))
  }
}

/// The existing sibling of a missing path that was most likely meant.
private func neighbour(of path: String) -> String? {
  let folder = parent(of: path)
  let name = String(path.split(separator: "/").last ?? "")
  guard let near = nearest(to: name, in: childNames(of: folder)), near != name else { return nil }
  return path.contains("/") ? folder + (folder == "/" ? "" : "/") + near : near
}
