import CHDF5
import Diagnostics
import Synchronization

/// The way into libhdf5: one caller at a time, silent, and with errors as values.
enum HDF5 {
  /// libhdf5 keeps global state and is not safe to call from two threads at once.
  private static let turn = Mutex<Void>(())

  /// Keeps the library from tidying up when the program ends. It has nothing to tidy, since every
  /// file is closed here; but after a full disk, closing fails, and the library then crashes in its
  /// second attempt at exit. Has to come before any other call.
  private static let begun: Bool = H5dont_atexit() >= 0

  /// The attribute of a dataset that holds its checksum.
  static let checksum = "fletcher4"

  /// The most axes an entry may have; HDF5 allows no more.
  static let maximumRank = 32

  /// Runs `body` while no other thread is in the library, with the library's own printing off.
  ///
  /// Do not nest: the lock is not recursive.
  static func alone<Result, Problem: Error>(
    _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    // The results are numbers and texts that never leave the caller's thread, which `withLock`
    // has no way to know.
    turn._unsafeLock()
    defer { turn._unsafeUnlock() }
    _ = begun
    ltr_h5_silence()
    return try body()
  }

  /// The innermost message of the error stack, which is the one that says what went wrong.
  /// Only inside `alone`.
  static func message() -> String {
    var text = [CChar](repeating: 0, count: 512)
    unsafe ltr_h5_take_message(&text, text.count)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let message = String(decoding: bytes, as: UTF8.self)
    // Where the system refused something, its own words are all that matters of a long record.
    if let start = message.firstRange(of: "error message = '")?.upperBound {
      return message[start...].prefix { $0 != "'" }.lowercased()
    }
    return message.isEmpty ? "HDF5 gives no reason" : message
  }
}
