public import Diagnostics
import Glibc

/// A file that grows at its end over several runs of a program: after a crash it is cut back to
/// where it was known to be whole, and goes on from there.
///
/// Only one process may append to it at a time: a second one that opens it is refused.
public final class AppendedFile {
  /// The file, as the caller named it.
  public let path: String
  /// How many bytes there are with those that are not written yet.
  public private(set) var count: Int
  private let file: Descriptor
  private var pending: [UInt8] = []

  /// Opens `path`, or creates it, and truncates it to `count` bytes.
  ///
  /// - Throws: `cannotCreate` where it cannot be or another program is writing it, `io` where it
  ///   has fewer bytes than that or cannot be cut.
  public init(_ path: String, keeping count: Int = 0) throws(Failure) {
    self.path = path
    self.count = count
    file = try .appending(path)
    let size = Int(try file.status(of: path).st_size)
    guard size >= count else {
      throw Failure(
        .io, "the file has \(size) bytes, fewer than are known to have been written",
        at: Place(path), expected: "\(count) bytes")
    }
    if size > count { try file.truncate(to: count, path: path) }
  }

  /// Appends bytes; small pieces are gathered.
  ///
  /// - Throws: `io` where the disk is full or writing fails.
  public func append(_ bytes: [UInt8]) throws(Failure) {
    count += bytes.count
    pending.append(contentsOf: bytes)
    if pending.count > 1 << 18 { try drain() }
  }

  /// Writes pending bytes and waits until all are on the disk.
  ///
  /// - Throws: `io` where the disk is full or writing fails.
  public func flush() throws(Failure) {
    try drain()
    try file.flush(path: path)
  }

  private func drain() throws(Failure) {
    if pending.isEmpty { return }
    let bytes = pending
    pending = []
    try file.write(bytes.span, path: path)
  }
}

/// How many bytes the file `path` has, or nil where there is no regular file.
public func fileSize(at path: String) -> Int? {
  guard let status = fileStatus(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}

/// Gives a file another name in the same folder, in place of what has that name, so that it lasts
/// through a power failure.
///
/// - Throws: `cannotCreate` or `io`.
public func renameFile(_ path: String, to target: String) throws(Failure) {
  if unsafe rename(path, target) != 0 { throw failureWriting(target, code: errno) }
  try flushFolder(parent(of: target))
}

/// Removes a file; nothing happens where there is none.
///
/// - Throws: `cannotCreate` or `io` where it is there and cannot be removed.
public func removeFile(_ path: String) throws(Failure) {
  if unsafe unlink(path) != 0, errno != ENOENT { throw failureWriting(path, code: errno) }
}
