import CHDF5
import Diagnostics
import Synchronization

/// Access to libhdf5: one caller at a time, without its own output, and with errors as values.
enum HDF5 {
  /// libhdf5 keeps global state and is not safe to call from two threads at once.
  private static let turn = Mutex<Void>(())

  /// Disables the library's clean-up at exit. It is not needed, since every file is closed here;
  /// after a full disk, closing fails, and the library then crashes in its second attempt at exit.
  /// Must precede any other call.
  private static let begun: Bool = H5dont_atexit() >= 0

  /// The attribute of a dataset that holds its checksum.
  static let checksum = "fletcher4"

  /// The maximum number of axes of an entry, which is HDF5's limit.
  static let maximumRank = 32

  /// Runs `body` while no other thread uses the library, with the library's own output disabled.
  ///
  /// Do not nest: the lock is not recursive.
  static func alone<Result, Problem: Error>(
    _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    // The results are numbers and texts that never leave the caller's thread, which `withLock`
    // cannot know.
    turn._unsafeLock()
    defer { turn._unsafeUnlock() }
    _ = begun
    ltr_h5_silence()
    return try body()
  }

  /// The innermost message of the error stack, which names the cause. Only inside `alone`.
  static func message() -> String {
    var text = [CChar](repeating: 0, count: 512)
    unsafe ltr_h5_take_message(&text, text.count)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let message = String(decoding: bytes, as: UTF8.self)
    // If a system call failed, its own message is the only relevant part of the long record.
    if let start = message.firstRange(of: "error message = '")?.upperBound {
      return message[start...].prefix { $0 != "'" }.lowercased()
    }
    return message.isEmpty ? "HDF5 gives no reason" : message
  }
}
