public import Diagnostics
import Glibc

/// Writes the file `path` atomically: `body` writes a temporary file beside it, which is flushed to
/// disk and then renamed. If anything fails, the previous file at `path` is unchanged and the
/// temporary file is removed; after the program was killed, it is removed when the same file is
/// written again. Devices and pipes are written to directly.
///
/// - Throws: `cannotCreate` if the file cannot be created, `io` if writing fails or the disk is
///   full, and the errors of `body`.
public func writeAtomically(
  to path: String, _ body: (inout FileWriter) throws(Failure) -> Void
) throws(Failure) {
  let target = resolvingLinks(path)
  switch fileKind(at: target) {
  case .folder: throw OutputCheck.isFolder(path)
  case .other:
    var writer = FileWriter(try .writingThrough(target), path: path)
    try body(&writer)
    try writer.finish()
  case .file, nil:
    let mode = fileStatus(target).map { $0.st_mode & 0o777 }
    removeLeftovers(of: target, kind: .file)
    let beside = target + partialMark + "\(getpid())"
    let file = try beginWriting(beside) { () throws(Failure) in try creating(beside, for: path) }
    // Locked until the file has its name, so that no other writer treats it as a leftover.
    defer { withExtendedLifetime(file) {} }
    do throws(Failure) {
      try fill(file, for: path, mode: mode, body)
      try finishWriting(beside) { () throws(Failure) in
        if unsafe rename(beside, target) != 0 { throw failureWriting(path, code: errno) }
      }
    } catch {
      abandonWriting(beside)
      throw error
    }
    try flushFolder(parent(of: target))
  }
}

/// Writes `bytes` to the file `path` atomically; see `writeAtomically(to:_:)`.
///
/// - Throws: `cannotCreate` or `io`.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws(Failure) {
  try writeAtomically(to: path) { file throws(Failure) in try file.append(bytes) }
}

/// Writes `text` to the file `path` atomically; see `writeAtomically(to:_:)`.
///
/// - Throws: `cannotCreate` or `io`.
public func writeAtomically(_ text: String, to path: String) throws(Failure) {
  try writeAtomically(to: path) { file throws(Failure) in try file.append(text) }
}

private func creating(_ beside: String, for path: String) throws(Failure) -> Descriptor {
  do throws(Failure) {
    return try creatingHeld(beside)
  } catch {
    var failure = error
    failure.place?.file = path
    throw failure
  }
}

/// Creates a file that is locked as long as it is open, if the file system supports locks, so that
/// no other writer treats it as a leftover.
private func creatingHeld(_ path: String) throws(Failure) -> Descriptor {
  for _ in 0..<10 {
    // Not truncated before it is held: a process of the same number elsewhere may be writing it.
    let file = try Descriptor.creating(path, mode: 0o666, truncates: false)
    switch file.hold() {
    case .held where try file.status(of: path).st_nlink > 0:
      try file.truncate(to: 0, path: path)
      return file
    case .unsupported:
      try file.truncate(to: 0, path: path)
      return file
    // Another writer that removes leftovers has locked or removed it in the meantime.
    case .held, .heldByAnother: usleep(10_000)
    }
  }
  throw Failure(
    .cannotCreate, "another program is writing the file", at: Place(path),
    remedy: "wait for that program to end, or name another file")
}

private func fill(
  _ file: Descriptor, for path: String, mode: mode_t?,
  _ body: (inout FileWriter) throws(Failure) -> Void
) throws(Failure) {
  // A replaced file keeps its permissions; if that fails, the new one has the default ones.
  if let mode { fchmod(file.number, mode) }
  var writer = FileWriter(file, path: path)
  try body(&writer)
  try writer.finish()
}

/// Makes a rename in `folder` survive a power failure.
func flushFolder(_ folder: String) throws(Failure) {
  try Descriptor.reading(folder).flush(path: folder)
}

/// The file to which a path leads, so that a link stays a link when its file is replaced.
private func resolvingLinks(_ path: String) -> String {
  guard let real = unsafe realpath(path, nil) else { return path }
  defer { unsafe free(real) }
  return unsafe String(cString: real)
}
