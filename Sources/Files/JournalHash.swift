/// The 64-bit hash by which journals and reports of mining jobs identify a job and its inputs:
/// FNV-1a with the finalizer of MurmurHash3.
///
/// Everything else is identified by SHA-256 (`Digest`). This hash remains because jobs that earlier
/// versions of the program began store it in their files, and can be continued.
public struct JournalHash: Sendable {
  private var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The hash of no bytes.
  public init() {}

  /// Adds bytes.
  public mutating func add(_ bytes: Span<UInt8>) {
    var value = value
    for index in bytes.indices { value = (value ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
    self.value = value
  }

  /// Adds a text and a byte that occurs in no text, so that consecutive texts stay distinct.
  public mutating func add(_ text: String) {
    add(text.utf8Span.span)
    let end: [UInt8] = [0xFF]
    add(end.span)
  }

  /// Adds numbers by their bit patterns.
  public mutating func add(_ numbers: Span<Float>) {
    var value = value
    for index in numbers.indices {
      value = (value ^ UInt64(numbers[index].bitPattern)) &* 0x100_0000_01B3
    }
    self.value = value
  }

  /// The hash so far, as an integer.
  public var number: UInt64 {
    var value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return value ^ (value >> 33)
  }

  /// The hash so far, in hexadecimal digits.
  public var text: String { String(number, radix: 16) }
}
