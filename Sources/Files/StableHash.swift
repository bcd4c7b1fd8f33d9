/// A checksum by which contents are recognised: the same in every run of the program and on every
/// machine. It notices that something is another thing, not that somebody means ill (FNV-1a, finished as
/// MurmurHash3 does).
public struct StableHash: Sendable {
  private var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The checksum of nothing.
  public init() {}

  /// Adds bytes.
  public mutating func add(_ bytes: Span<UInt8>) {
    var value = value
    for index in bytes.indices { value = (value ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
    self.value = value
  }

  /// Adds a text, apart from what comes before and after it.
  public mutating func add(_ text: String) {
    add(text.utf8Span.span)
    let end: [UInt8] = [0xFF]
    add(end.span)
  }

  /// Adds numbers by their bits.
  public mutating func add(_ numbers: Span<Float>) {
    var value = value
    for index in numbers.indices {
      value = (value ^ UInt64(numbers[index].bitPattern)) &* 0x100_0000_01B3
    }
    self.value = value
  }

  /// The checksum so far, as a number.
  public var number: UInt64 {
    var value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return value ^ (value >> 33)
  }

  /// The checksum so far, in hexadecimal digits.
  public var text: String { String(number, radix: 16) }
}
