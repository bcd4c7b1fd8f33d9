public import Diagnostics
import Glibc

/// A folder being written beside its final name; see `writeFolderAtomically(at:overwrite:_:)`.
public struct FolderWriter: Sendable {
  /// Where the folder is while it is being written.
  public let path: String

  /// Where the file `name` is while the folder is being written, for libraries that write files
  /// by themselves; the folders above it exist afterwards.
  ///
  /// - Throws: `cannotCreate` where `name` leads out of the folder or a folder cannot be made.
  public func path(of name: String) throws(Failure) -> String {
    guard let inner = innerName(name), !inner.isEmpty else {
      throw Failure(
        .cannotCreate, "the name leads out of the folder", at: Place(path, key: name),
        expected: "a relative name without '..'")
    }
    let full = "\(path)/\(inner)"
    try whileWriting { () throws(Failure) in try createFolder(parent(of: full)) }
    return full
  }

  /// A folder within this one, which exists afterwards.
  ///
  /// - Throws: `cannotCreate` where `name` leads out of the folder or it cannot be made.
  public func subfolder(_ name: String) throws(Failure) -> FolderWriter {
    let inner = try path(of: name)
    try whileWriting { () throws(Failure) in try createFolder(inner) }
    return FolderWriter(path: inner)
  }

  /// Removes a file that was written and has served its purpose.
  ///
  /// - Throws: `cannotCreate` where `name` leads out of the folder.
  public func remove(_ name: String) throws(Failure) {
    removeAll(try path(of: name))
  }

  /// Writes a file in pieces.
  ///
  /// - Throws: `cannotCreate`, `io`, and what `body` throws.
  public func write(
    _ name: String, _ body: (inout FileWriter) throws(Failure) -> Void
  ) throws(Failure) {
    try writeAtomically(to: try path(of: name), body)
  }

  /// Writes a file of these bytes.
  ///
  /// - Throws: `cannotCreate` or `io`.
  public func write(_ name: String, _ bytes: [UInt8]) throws(Failure) {
    try write(name) { file throws(Failure) in try file.append(bytes) }
  }

  /// Writes a file of this text.
  ///
  /// - Throws: `cannotCreate` or `io`.
  public func write(_ name: String, _ text: String) throws(Failure) {
    try write(name) { file throws(Failure) in try file.append(text) }
  }
}

/// Writes the folder `path` whole or not at all: `body` fills a folder beside it, which is flushed
/// and then takes its name. The folders above `path` are created. Whatever goes wrong, what was at
/// `path` before stays and the folder beside it goes; at the latest when the same folder is written
/// again, where the program was killed. See `removeUnfinished(ending:)` for one that is asked to
/// end.
///
/// - Parameter overwrite: whether a folder already at `path`, if it holds anything, may be
///   replaced; where the file system can, it and the new one change places in one step, and then it
///   is removed.
/// - Throws: `cannotCreate` where the folder cannot be or is there already, `io` where writing
///   fails or the disk is full, and what `body` throws.
public func writeFolderAtomically(
  at path: String, overwrite: Bool = false, _ body: (FolderWriter) throws(Failure) -> Void
) throws(Failure) {
  var target = path
  while target.count > 1, target.hasSuffix("/") { target.removeLast() }
  try OutputCheck.folder(target, overwrite: overwrite)
  try createFolder(parent(of: target))
  removeLeftovers(of: target)
  let beside = target + partialMark + "\(getpid())"
  // Held until the end, so that no other writer takes it for a leftover.
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

private let partialMark = ".partial-"

/// Creates a folder that is held as long as what is returned lives; nil where the file system knows
/// no locks.
private func createHeldFolder(_ path: String) throws(Failure) -> Descriptor? {
  for _ in 0..<10 {
    try createFolder(path)
    if let held = Descriptor.holding(path) { return held }
    // Another writer that removes leftovers may have come between creating and holding it.
    usleep(10_000)
  }
  try createFolder(path)
  return nil
}

/// Removes the folders that writers of `target` left beside it when they were killed.
private func removeLeftovers(of target: String) {
  let folder = parent(of: target)
  let prefix = (target.split(separator: "/").last.map(String.init) ?? target) + partialMark
  for name in childNames(of: folder)
  where name.hasPrefix(prefix) && name.dropFirst(prefix.count).allSatisfy(\.isNumber) {
    let path = "\(folder)/\(name)"
    guard fileKind(at: path) == .folder, let held = Descriptor.holding(path) else { continue }
    withExtendedLifetime(held) { removeAll(path) }
  }
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

/// Lets two paths change places in one step, so that there is no moment without one of them; false
/// where the system or the file system cannot.
private func exchange(_ a: String, _ b: String) -> Bool {
  typealias Renaming =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
  // The headers show renameat2 to those alone who ask for GNU's extensions.
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
