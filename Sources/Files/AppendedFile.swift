public import Diagnostics
import Glibc

/// A file to which several runs of a program append: after a crash it is truncated to its last
/// valid length, and continued from there.
///
/// Only one process at a time may append to it: opening it in a second one fails.
public final class AppendedFile {
  /// The file, as the caller named it.
  public let path: String
  /// The size in bytes, including bytes that are not written yet.
  public private(set) var count: Int
  private let file: Descriptor
  private var pending: [UInt8] = []

  /// Opens `path`, or creates it, and truncates it to `count` bytes.
  ///
  /// - Throws: `cannotCreate` if it cannot be opened or another program is writing it, `io` if it
  ///   is shorter than `count` or cannot be truncated.
  public init(_ path: String, keeping count: Int = 0) throws(Failure) {
    self.path = path
    self.count = count
    file = try .appending(path)
    let size = Int(try file.status(of: path).st_size)
    guard size >= count else {
      throw Failure(
        .io, "the file has been truncated to \(size) bytes since it was written",
        at: Place(path), expected: "at least \(count) bytes")
    }
    if size > count { try file.truncate(to: count, path: path) }
  }

  /// Appends bytes; small pieces are buffered.
  ///
  /// - Throws: `io` if the disk is full or writing fails.
  public func append(_ bytes: [UInt8]) throws(Failure) {
    count += bytes.count
    pending.append(contentsOf: bytes)
    if pending.count > 1 << 18 { try drain() }
  }

  /// Writes pending bytes and waits until all are on disk.
  ///
  /// - Throws: `io` if the disk is full or writing fails.
  public func flush() throws(Failure) {
    try drain()
    try file.flush(path: path)
  }

  /// Removes all bytes.
  ///
  /// - Throws: `io` if the file cannot be truncated.
  public func removeAll() throws(Failure) {
    pending = []
    try file.truncate(to: 0, path: path)
    count = 0
  }

  private func drain() throws(Failure) {
    if pending.isEmpty { return }
    let bytes = pending
    pending = []
    try file.write(bytes.span, path: path)
  }
}

/// The size of the file `path` in bytes; nil if there is no regular file.
public func fileSize(at path: String) -> Int? {
  guard let status = fileStatus(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}

/// Renames a file within its folder, replacing any file with the new name; the rename survives a
/// power failure.
///
/// - Throws: `cannotCreate` or `io`.
public func renameFile(_ path: String, to target: String) throws(Failure) {
  if unsafe rename(path, target) != 0 { throw failureWriting(target, code: errno) }
  try flushFolder(parent(of: target))
}

/// Removes a file; does nothing if it does not exist.
///
/// - Throws: `cannotCreate` or `io` if it exists and cannot be removed.
public func removeFile(_ path: String) throws(Failure) {
  if unsafe unlink(path) != 0, errno != ENOENT { throw failureWriting(path, code: errno) }
}
