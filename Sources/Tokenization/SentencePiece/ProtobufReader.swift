/// The fields of a message in the wire format of Protocol Buffers, in order.
struct ProtobufReader {
  /// A field's value.
  enum Value {
    /// An integer, an enumeration or a Boolean.
    case integer(UInt64)
    /// Four bytes: a float, or an integer of fixed size.
    case fixed(UInt32)
    /// Eight bytes.
    case wide
    /// A string, bytes or a message: its range in the file.
    case bytes(Range<Int>)
  }

  private let bytes: [UInt8]
  /// The start of the next field.
  private(set) var position: Int
  private let end: Int

  /// A reader of the message in `range` of `bytes`.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The position of bytes that are not a field.
  struct Damage: Error {
    let byte: Int
  }

  /// The next field and its number; nil at the end of the message.
  mutating func next() throws(Damage) -> (number: Int, value: Value)? {
    guard position < end else { return nil }
    let start = position
    guard let tag = varint(), tag >> 3 > 0, tag >> 3 <= 0x1FFF_FFFF else {
      throw Damage(byte: start)
    }
    let number = Int(tag >> 3)
    switch tag & 7 {
    case 0:
      guard let value = varint() else { throw Damage(byte: start) }
      return (number, .integer(value))
    case 1 where end - position >= 8:
      position += 8
      return (number, .wide)
    case 2:
      guard let count = varint(), count <= UInt64(end - position) else {
        throw Damage(byte: start)
      }
      let range = position..<position + Int(count)
      position = range.upperBound
      return (number, .bytes(range))
    case 5 where end - position >= 4:
      let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1) }
      position += 4
      return (number, .fixed(value))
    default: throw Damage(byte: start)
    }
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { return nil }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
