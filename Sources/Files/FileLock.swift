public import Diagnostics
import Glibc

/// A lock between processes: a file that one of them holds at a time, until it lets go of it or
/// ends. It is the lock that `flock` gives, which other programs use as well.
public final class FileLock: Sendable {
  private let file: Descriptor

  /// Takes the lock without waiting; nil if another holder has it. The file is created if
  /// necessary, and stays. Where the file system does not support locks, there is none.
  ///
  /// - Throws: `cannotCreate` if the file cannot be opened or created.
  public init?(_ path: String) throws(Failure) {
    file = try .creating(path, mode: 0o664, truncates: false)
    if file.hold() == .heldByAnother { return nil }
  }

  /// Whether a process holds the lock, for one that only wants to know. It has the lock for an instant,
  /// in which another one cannot take it: who takes it tries more than once. False where there is no
  /// such file, or no locks.
  public static func isHeld(_ path: String) -> Bool {
    guard let file = try? Descriptor.reading(path) else { return false }
    return file.isHeldByAnother
  }
}

/// Makes `path` a symbolic link to `target`, which is relative to the folder of the link. A file
/// or link at `path` is replaced atomically.
///
/// - Throws: `cannotCreate` or `io`.
public func writeLink(at path: String, to target: String) throws(Failure) {
  let beside = path + partialMark + "\(getpid())"
  unsafe unlink(beside)
  if unsafe symlink(target, beside) != 0 { throw failureWriting(path, code: errno) }
  if unsafe rename(beside, path) != 0 {
    let code = errno
    unsafe unlink(beside)
    throw failureWriting(path, code: code)
  }
}

/// The number of bytes that may still be written into the file system of a folder; nil if unknown.
public func freeSpace(at folder: String) -> Int? {
  var status = statvfs()
  guard unsafe statvfs(folder, &status) == 0 else { return nil }
  // Some file systems of networks tell numbers that stand for no limit.
  let (bytes, isOver) = UInt64(status.f_bavail).multipliedReportingOverflow(
    by: UInt64(status.f_frsize))
  return isOver ? .max : Int(clamping: bytes)
}
