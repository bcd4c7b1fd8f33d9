import Glibc

/// The C library's conversion of an encoding into UTF-8 (`iconv`).
@safe final class Conversion {
  /// The reason why a step ended.
  enum End {
    /// All bytes were read.
    case inputRead
    /// The output buffer is full.
    case outputFull
    /// The next bytes are not a character of the encoding.
    case invalid
    /// The bytes end within a character.
    case incomplete
  }

  private let handle: iconv_t

  /// Nil if the C library does not support the encoding.
  init?(from name: String) {
    guard let handle = unsafe iconv_open("UTF-8", name), Int(bitPattern: handle) != -1 else {
      return nil
    }
    unsafe self.handle = unsafe handle
  }

  deinit { unsafe iconv_close(handle) }

  /// Converts bytes starting at `start` and advances `start` past them; `output` becomes their
  /// UTF-8, at most 64 KiB.
  func step(_ input: Span<UInt8>, from start: inout Int, output: inout [UInt8]) -> End {
    var (end, left) = (End.inputRead, input.count - start)
    unsafe input.withUnsafeBytes { all in
      var source = unsafe UnsafeMutablePointer(
        mutating: (all.baseAddress?.advanced(by: start))?.assumingMemoryBound(to: CChar.self))
      unsafe fill(&output) {
        unsafe iconv(handle, &source, &left, &$0, &$1)
      } failed: {
        end = $0 == E2BIG ? .outputFull : $0 == EINVAL ? .incomplete : .invalid
      }
    }
    start = input.count - left
    return end
  }

  /// `output` becomes the UTF-8 of any character that the conversion has held back because a
  /// combining mark might have followed.
  func finish(output: inout [UInt8]) {
    unsafe fill(&output) {
      unsafe iconv(handle, nil, nil, &$0, &$1)
    } failed: { _ in
    }
  }

  private func fill(
    _ output: inout [UInt8],
    _ convert: (inout UnsafeMutablePointer<CChar>?, inout Int) -> Int, failed: (Int32) -> Void
  ) {
    let room = 1 << 16
    output = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      var space = room
      var target = unsafe UnsafeMutableRawPointer(buffer.baseAddress)?
        .assumingMemoryBound(to: CChar.self)
      if unsafe convert(&target, &space) == -1 { failed(errno) }
      count = room - space
    }
  }
}
