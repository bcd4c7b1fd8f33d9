public import Diagnostics
import Glibc

/// A folder being written beside its final name; see `writeFolderAtomically(at:overwrite:_:)`.
public struct FolderWriter: Sendable {
  /// The path of the folder while it is being written.
  public let path: String

  /// The path of the file `name` while the folder is being written, for libraries that write files
  /// themselves; its parent folders exist afterwards.
  ///
  /// - Throws: `cannotCreate` if `name` leads out of the folder or a folder cannot be created.
  public func path(of name: String) throws(Failure) -> String {
    guard let inner = innerName(name), !inner.isEmpty else {
      throw Failure(
        .cannotCreate, "the path leads out of the folder", at: Place(path, key: name),
        expected: "a relative path without '..'")
    }
    let full = "\(path)/\(inner)"
    try whileWriting { () throws(Failure) in try createFolder(parent(of: full)) }
    return full
  }

  /// A folder within this one, which exists afterwards.
  ///
  /// - Throws: `cannotCreate` if `name` leads out of the folder or the subfolder cannot be created.
  public func subfolder(_ name: String) throws(Failure) -> FolderWriter {
    let inner = try path(of: name)
    try whileWriting { () throws(Failure) in try createFolder(inner) }
    return FolderWriter(path: inner)
  }

  /// Removes a file that was written and is no longer needed.
  ///
  /// - Throws: `cannotCreate` if `name` leads out of the folder.
  public func remove(_ name: String) throws(Failure) {
    removeAll(try path(of: name))
  }

  /// Writes a file in pieces.
  ///
  /// - Throws: `cannotCreate`, `io`, and the errors of `body`.
  public func write(
    _ name: String, _ body: (inout FileWriter) throws(Failure) -> Void
  ) throws(Failure) {
    try writeAtomically(to: try path(of: name), body)
  }

  /// Writes a file with these bytes.
  ///
  /// - Throws: `cannotCreate` or `io`.
  public func write(_ name: String, _ bytes: [UInt8]) throws(Failure) {
    try write(name) { file throws(Failure) in try file.append(bytes) }
  }

  /// Writes a file with this text.
  ///
  /// - Throws: `cannotCreate` or `io`.
  public func write(_ name: String, _ text: String) throws(Failure) {
    try write(name) { file throws(Failure) in try file.append(text) }
  }
}

/// Writes the folder `path` atomically: `body` fills a temporary folder beside it, which is flushed
/// and then renamed. The parent folders of `path` are created. If anything fails, the previous
/// contents of `path` are unchanged and the temporary folder is removed; after the program was
/// killed, it is removed when the same folder is written again. See `removeUnfinished(ending:)` for
/// a program that is asked to end.
///
/// - Parameter overwrite: whether a non-empty folder at `path` may be replaced; if the file system
///   supports it, the old and the new folder are swapped atomically, and then the old one is
///   removed.
/// - Throws: `cannotCreate` if the folder exists or cannot be created, `io` if writing fails or the
///   disk is full, and the errors of `body`.
public func writeFolderAtomically(
  at path: String, overwrite: Bool = false, _ body: (FolderWriter) throws(Failure) -> Void
) throws(Failure) {
  var target = path
  while target.count > 1, target.hasSuffix("/") { target.removeLast() }
  try OutputCheck.folder(target, overwrite: overwrite)
  try createFolder(parent(of: target))
  removeLeftovers(of: target, kind: .folder)
  let beside = target + partialMark + "\(getpid())"
  // Held until the end, so that no other writer treats it as a leftover.
  let held = try beginWriting(beside) { () throws(Failure) in try createHeldFolder(beside) }
  defer { withExtendedLifetime(held) {} }
  do throws(Failure) {
    try body(FolderWriter(path: beside))
    try flushAll(beside)
    try finishWriting(beside) { () throws(Failure) in try replace(target, with: beside) }
  } catch {
    abandonWriting(beside)
    throw error
  }
  try flushFolder(parent(of: target))
}

/// Creates a folder that is locked as long as the returned descriptor lives; nil if the file system
/// does not support locks.
private func createHeldFolder(_ path: String) throws(Failure) -> Descriptor? {
  for _ in 0..<10 {
    try createFolder(path)
    if let held = Descriptor.holding(path) { return held }
    // Another writer that removes leftovers may have locked or removed it in the meantime.
    usleep(10_000)
  }
  try createFolder(path)
  return nil
}

private func replace(_ target: String, with beside: String) throws(Failure) {
  let aside = target + ".replaced-\(getpid())"
  let wasThere = fileKind(at: target) != nil
  if wasThere, exchange(beside, target) {
    removeAll(beside)
    return
  }
  if wasThere, unsafe rename(target, aside) != 0 { throw failureWriting(target, code: errno) }
  if unsafe rename(beside, target) != 0 {
    let code = errno
    if wasThere { unsafe rename(aside, target) }
    throw failureWriting(target, code: code)
  }
  if wasThere { removeAll(aside) }
}

/// Swaps two paths atomically, so that both exist at all times; false if the system or the file
/// system does not support it.
private func exchange(_ a: String, _ b: String) -> Bool {
  typealias Renaming =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
  // The headers declare renameat2 only with GNU's extensions enabled.
  guard let symbol = unsafe dlsym(nil, "renameat2") else { return false }
  let exchanging: UInt32 = 2
  return unsafe unsafeBitCast(symbol, to: Renaming.self)(AT_FDCWD, a, AT_FDCWD, b, exchanging) == 0
}

/// Flushes every file and folder below `folder`, since a library may have written some of them.
private func flushAll(_ folder: String) throws(Failure) {
  for name in childNames(of: folder) {
    let path = "\(folder)/\(name)"
    switch fileKind(at: path) {
    case .folder: try flushAll(path)
    case .file: try Descriptor.reading(path).flush(path: path)
    case .other, nil: break
    }
  }
  try flushFolder(folder)
}
