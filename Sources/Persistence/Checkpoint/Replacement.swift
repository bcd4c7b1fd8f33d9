import Diagnostics
import Files
import Glibc

/// A file that libhdf5 writes, by name, beside the file that it replaces.
struct Replacement: Sendable {
  /// The path of the finished file.
  let path: String
  /// The path during writing. A file that an earlier crash left there is replaced.
  let partial: String

  /// Creates an empty file beside `path`, so that an obstacle is reported before the library tries
  /// to write. Throws `.cannotCreate` or `.io`.
  init(of path: String) throws(Failure) {
    if fileKind(at: path) == .folder { throw failureWriting(path, code: EISDIR) }
    self.path = path
    partial = path + ".partial"
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
    let descriptor = unsafe open(partial, flags, 0o666)
    guard descriptor >= 0 else { throw failureWriting(path, code: errno) }
    close(descriptor)
  }

  /// Flushes the whole file to the disk, then renames it over the old one.
  func commit() throws(Failure) {
    try flush(partial)
    guard unsafe rename(partial, path) == 0 else { throw failureWriting(path, code: errno) }
    // Without this a power failure could undo the renaming.
    try flush(parent(of: path))
  }

  /// Removes the partial file, if any.
  func discard() {
    _ = unsafe unlink(partial)
  }

  private func flush(_ written: String) throws(Failure) {
    let descriptor = unsafe open(written, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else { throw failureWriting(path, code: errno) }
  }
}
