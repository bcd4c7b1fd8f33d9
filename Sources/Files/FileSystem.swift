public import Diagnostics
import Foundation
import Glibc

/// The kind of file at a path.
public enum FileKind: Sendable {
  /// A regular file.
  case file
  /// A folder.
  case folder
  /// A device, a pipe or a socket.
  case other
}

/// The kind of file at `path`, following links; nil if it does not exist or is not accessible.
public func fileKind(at path: String) -> FileKind? {
  guard let status = fileStatus(path) else { return nil }
  return status.st_mode & S_IFMT == S_IFREG
    ? .file : status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
}

/// Creates the folder `path` and its parents if they do not exist.
///
/// - Throws: `cannotCreate` if that is not possible.
public func createFolder(_ path: String) throws(Failure) {
  if path.isEmpty || fileKind(at: path) == .folder { return }
  let above = parent(of: path)
  if above != path { try createFolder(above) }
  if unsafe mkdir(path, 0o777) != 0 {
    let code = errno
    // Another process may have created it in the meantime.
    if code == EEXIST, fileKind(at: path) == .folder { return }
    throw failureWriting(path, code: code)
  }
}

/// The parent folder of `path`: `a` for `a/b`, `.` for `a`, `/` for `/a`.
public func parent(of path: String) -> String {
  var parts = path[...]
  while parts.count > 1, parts.last == "/" { parts.removeLast() }
  guard let slash = parts.lastIndex(of: "/") else { return "." }
  return slash == parts.startIndex ? "/" : String(parts[..<slash])
}

/// `stat` of a path, links followed; nil if it fails (with `errno` set).
func fileStatus(_ path: String) -> stat? {
  var status = stat()
  return unsafe stat(path, &status) == 0 ? status : nil
}

/// The names directly in a folder, sorted by their bytes; empty if it cannot be read.
func childNames(of folder: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Removes a file, or a folder with its contents; does nothing if it does not exist.
func removeAll(_ path: String) {
  try? FileManager.default.removeItem(atPath: path)
}
