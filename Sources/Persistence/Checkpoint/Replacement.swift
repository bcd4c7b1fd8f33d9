import Diagnostics
import Files
import Glibc

/// A file that libhdf5 writes, by name, beside the one it will replace.
struct Replacement: Sendable {
  /// Where the finished file will be.
  let path: String
  /// Where it is written. A file that an earlier crash left there is replaced.
  let partial: String

  /// Makes an empty file beside `path`, so that what stands in the way is found, and named, before
  /// the library tries. Throws `.cannotCreate` or `.io`.
  init(of path: String) throws(Failure) {
    if fileKind(at: path) == .folder { throw failureWriting(path, code: EISDIR) }
    self.path = path
    partial = path + ".partial"
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
    let descriptor = unsafe open(partial, flags, 0o666)
    guard descriptor >= 0 else { throw failureWriting(path, code: errno) }
    close(descriptor)
  }

  /// Waits until the disk has the whole file, then puts it in the place of the old one.
  func commit() throws(Failure) {
    try flush(partial)
    guard unsafe rename(partial, path) == 0 else { throw failureWriting(path, code: errno) }
    // Without this a power failure could undo the renaming.
    try flush(parent(of: path))
  }

  /// Removes what was written, if anything was.
  func discard() {
    _ = unsafe unlink(partial)
  }

  private func flush(_ written: String) throws(Failure) {
    let descriptor = unsafe open(written, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else { throw failureWriting(path, code: errno) }
  }
}
