import Diagnostics
import Files

/// The fields of a protobuf message in a file, without decoding their contents: weights stay in the
/// mapped file, whereas the generated code would copy them.
struct WireFields {
  /// A field: its number, and the ranges of its bytes.
  struct Field {
    let number: Int
    /// The contents, if the field's type has a length.
    let contents: Range<Int>?
    /// Number, length and contents.
    let all: Range<Int>
  }

  private let bytes: Bytes
  private let end: Int
  private let name: String
  private var at: Int

  /// The message in a part of a file.
  init(_ bytes: Bytes, in range: Range<Int>, name: String) {
    self.bytes = bytes
    self.name = name
    at = range.lowerBound
    end = range.upperBound
  }

  /// The next field, or nil at the end.
  ///
  /// - Throws: `badData` if the bytes are not a message.
  mutating func next() throws(Failure) -> Field? {
    guard at < end else { return nil }
    let start = at
    let key = try varint()
    let number = Int(truncatingIfNeeded: key >> 3)
    switch key & 7 {
    case 0:
      _ = try varint()
      return Field(number: number, contents: nil, all: start..<at)
    case 1, 5:
      try skip(key & 7 == 1 ? 8 : 4)
      return Field(number: number, contents: nil, all: start..<at)
    case 2:
      let count = try varint()
      let first = at
      guard count <= UInt64(end - at) else { throw malformed() }
      try skip(Int(count))
      return Field(number: number, contents: first..<at, all: start..<at)
    default: throw malformed()
    }
  }

  private mutating func skip(_ count: Int) throws(Failure) {
    guard count <= end - at else { throw malformed() }
    at += count
  }

  private mutating func varint() throws(Failure) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard at < end else { throw malformed() }
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw malformed()
  }

  private func malformed() -> Failure {
    Failure(.badData, "this is not an ONNX file", at: Place(name, byte: at))
  }
}
