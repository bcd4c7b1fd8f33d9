import Diagnostics
import Glibc

/// An open file, closed when it goes out of scope; every method is one system call, repeated if it
/// is interrupted.
final class Descriptor: Sendable {
  let number: Int32

  private init(number: Int32) { self.number = number }

  deinit { close(number) }

  /// Opens `path` for reading.
  static func reading(_ path: String) throws(Failure) -> Descriptor {
    let number = retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) }
    if number < 0 { throw failureReading(path, code: errno) }
    return Descriptor(number: number)
  }

  /// Creates `path`, or opens a leftover of an earlier attempt and truncates it.
  static func creating(
    _ path: String, mode: mode_t, truncates: Bool = true
  ) throws(Failure) -> Descriptor {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (truncates ? O_TRUNC : 0)
    let number = retrying { unsafe open(path, flags, mode) }
    if number < 0 { throw failureWriting(path, code: errno) }
    return Descriptor(number: number)
  }

  /// Opens `path` for appending, or creates it; no other process may append to it at the same time.
  static func appending(_ path: String) throws(Failure) -> Descriptor {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
    let number = retrying { unsafe open(path, flags, 0o666) }
    if number < 0 { throw failureWriting(path, code: errno) }
    let descriptor = Descriptor(number: number)
    if descriptor.hold() == .heldByAnother {
      throw Failure(
        .cannotCreate, "another program is writing the file", at: Place(path),
        remedy: "wait for that program to end, or name another folder")
    }
    return descriptor
  }

  /// Truncates the file to its first `count` bytes.
  func truncate(to count: Int, path: String) throws(Failure) {
    if retrying({ ftruncate(number, count) }) != 0 { throw failureWriting(path, code: errno) }
  }

  /// Opens a file or folder and locks it; nil if it is locked already, does not exist, or the file
  /// system does not support locks.
  static func holding(_ path: String) -> Descriptor? {
    let number = retrying { unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
    guard number >= 0 else { return nil }
    let descriptor = Descriptor(number: number)
    return descriptor.hold() == .held ? descriptor : nil
  }

  enum Lock { case held, heldByAnother, unsupported }

  /// Locks the file as long as it is open, without waiting.
  func hold() -> Lock {
    if retrying({ flock(number, LOCK_EX | LOCK_NB) }) == 0 { return .held }
    return errno == EWOULDBLOCK ? .heldByAnother : .unsupported
  }

  /// Whether another process holds the lock of the file.
  var isHeldByAnother: Bool {
    retrying({ flock(number, LOCK_SH | LOCK_NB) }) != 0 && errno == EWOULDBLOCK
  }

  /// Opens a device or a pipe for writing.
  static func writingThrough(_ path: String) throws(Failure) -> Descriptor {
    let number = retrying { unsafe open(path, O_WRONLY | O_CLOEXEC) }
    if number < 0 { throw failureWriting(path, code: errno) }
    return Descriptor(number: number)
  }

  /// A file without a name in `folder`; the system frees it when it is closed and unmapped.
  static func nameless(in folder: String) throws(Failure) -> Descriptor {
    var template = Array((folder + "/ltr-XXXXXX").utf8CString)
    let number = unsafe template.withUnsafeMutableBufferPointer { name -> Int32 in
      guard let start = name.baseAddress else { return -1 }
      let made = unsafe mkstemp(start)
      if made >= 0 { unsafe unlink(start) }
      return made
    }
    if number < 0 { throw failureWriting(folder + "/ltr-XXXXXX", code: errno) }
    return Descriptor(number: number)
  }

  func status(of path: String) throws(Failure) -> stat {
    var result = stat()
    if unsafe fstat(number, &result) != 0 { throw failureReading(path, code: errno) }
    return result
  }

  /// All bytes up to the end, for pipes and devices.
  func readToEnd(_ path: String) throws(Failure) -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let got = retrying { unsafe read(number, &chunk, chunk.count) }
      if got < 0 { throw failureReading(path, code: errno) }
      if got == 0 { return all }
      all.append(contentsOf: chunk.prefix(got))
    }
  }

  /// Writes all of `span`, in as many calls as necessary.
  func write(_ span: Span<UInt8>, path: String) throws(Failure) {
    var done = 0
    while done < span.count {
      let got = unsafe span.withUnsafeBytes { all in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: all[done...])
        return retrying { unsafe Glibc.write(number, rest.baseAddress, rest.count) }
      }
      if got < 0 { throw failureWriting(path, code: errno) }
      done += got
    }
  }

  /// Waits until all written bytes are on disk. Does nothing for a pipe, which cannot be flushed.
  func flush(path: String) throws(Failure) {
    if retrying({ fsync(number) }) != 0, errno != EINVAL, errno != EROFS, errno != ENOTSUP {
      throw failureWriting(path, code: errno)
    }
  }
}

/// Repeats a system call that a signal interrupted.
private func retrying<T: FixedWidthInteger & SignedInteger>(_ call: () -> T) -> T {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}
