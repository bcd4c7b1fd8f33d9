/// A value of a GGUF file's metadata, of the types that text models use.
package enum GGUFValue: Sendable, Equatable {
  case uint32(UInt32)
  case int32(Int32)
  case float32(Float)
  case flag(Bool)
  case text(String)
  case texts([String])
  case int32s([Int32])
  case float32s([Float])
  case bytes([UInt8])

  /// The code of the type, which precedes the value in a file.
  var code: UInt32 {
    switch self {
    case .uint32: Code.uint32
    case .int32: Code.int32
    case .float32: Code.float32
    case .flag: Code.flag
    case .text: Code.text
    case .texts, .int32s, .float32s, .bytes: Code.list
    }
  }

  /// The codes of the types.
  package enum Code {
    package static let uint8: UInt32 = 0
    package static let int8: UInt32 = 1
    package static let uint16: UInt32 = 2
    package static let int16: UInt32 = 3
    package static let uint32: UInt32 = 4
    package static let int32: UInt32 = 5
    package static let float32: UInt32 = 6
    package static let flag: UInt32 = 7
    package static let text: UInt32 = 8
    package static let list: UInt32 = 9
    package static let uint64: UInt32 = 10
    package static let int64: UInt32 = 11
    package static let float64: UInt32 = 12
  }

  /// Appends the value without the code of its type.
  func append(to bytes: inout [UInt8]) {
    switch self {
    case .uint32(let number): bytes.append(littleEndian: number)
    case .int32(let number): bytes.append(littleEndian: number)
    case .float32(let number): bytes.append(littleEndian: number.bitPattern)
    case .flag(let flag): bytes.append(flag ? 1 : 0)
    case .text(let text): bytes.append(counted: text)
    case .texts(let texts):
      bytes.append(littleEndian: Code.text)
      bytes.append(littleEndian: UInt64(texts.count))
      for text in texts { bytes.append(counted: text) }
    case .int32s(let numbers):
      bytes.append(littleEndian: Code.int32)
      bytes.append(littleEndian: UInt64(numbers.count))
      for number in numbers { bytes.append(littleEndian: number) }
    case .float32s(let numbers):
      bytes.append(littleEndian: Code.float32)
      bytes.append(littleEndian: UInt64(numbers.count))
      for number in numbers { bytes.append(littleEndian: number.bitPattern) }
    case .bytes(let values):
      bytes.append(littleEndian: Code.uint8)
      bytes.append(littleEndian: UInt64(values.count))
      bytes.append(contentsOf: values)
    }
  }
}

extension [UInt8] {
  /// Appends the bytes of an integer, the least significant first.
  mutating func append(littleEndian number: some FixedWidthInteger) {
    for byte in 0..<(number.bitWidth / 8) {
      append(UInt8(truncatingIfNeeded: number >> (8 * byte)))
    }
  }

  /// Appends the length of a text in bytes, then the text.
  mutating func append(counted text: String) {
    append(littleEndian: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }
}
