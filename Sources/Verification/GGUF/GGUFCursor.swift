import Diagnostics
import Export
import Files

/// Reads the header of a GGUF file from start to end.
struct GGUFCursor {
  private(set) var position = 0
  private let bytes: Bytes
  private let file: String

  init(_ bytes: Bytes, file: String) {
    self.bytes = bytes
    self.file = file
  }

  func wrong(_ problem: String, expected: String? = nil) -> Failure {
    Failure(
      .badData, problem, at: Place(file, byte: position), expected: expected,
      remedy: "export or download the file again")
  }

  mutating func skip(_ count: Int) throws(Failure) {
    guard count >= 0, count <= bytes.count - position else {
      throw wrong("the file ends within its header")
    }
    position += count
  }

  mutating func integer<Number: FixedWidthInteger>() throws(Failure) -> Number {
    let start = position
    let size = Number.bitWidth / 8
    try skip(size)
    return bytes.withSpan { span in
      (0..<size).reduce(0) { $0 | Number(truncatingIfNeeded: span[start + $1]) << (8 * $1) }
    }
  }

  /// A number of entries of at least `leastBytes` bytes each, which must fit into the rest of the file.
  mutating func count(leastBytes: Int) throws(Failure) -> Int {
    let number: UInt64 = try integer()
    guard number <= UInt64((bytes.count - position) / leastBytes) else {
      throw wrong("the header declares \(number) entries, more than the file can hold")
    }
    return Int(number)
  }

  mutating func text() throws(Failure) -> String {
    let length = try count(leastBytes: 1)
    let start = position
    try skip(length)
    return bytes[start..<start + length].text
  }

  /// The type code of a value, and the value; nil for unsupported types.
  mutating func value() throws(Failure) -> GGUFValue? {
    typealias Code = GGUFValue.Code
    let code: UInt32 = try integer()
    switch code {
    case Code.uint32: return .uint32(try integer())
    case Code.int32: return .int32(try integer())
    case Code.float32: return .float32(Float(bitPattern: try integer()))
    case Code.flag: return .flag(try integer() as UInt8 != 0)
    case Code.text: return .text(try text())
    case Code.list: return try list()
    default:
      try skip(try size(of: code))
      return nil
    }
  }

  private mutating func list() throws(Failure) -> GGUFValue? {
    let code: UInt32 = try integer()
    switch code {
    case GGUFValue.Code.text:
      let count = try count(leastBytes: 8)
      var texts: [String] = []
      texts.reserveCapacity(count)
      for _ in 0..<count { texts.append(try text()) }
      return .texts(texts)
    case GGUFValue.Code.int32:
      let count = try count(leastBytes: 4)
      var numbers: [Int32] = []
      numbers.reserveCapacity(count)
      for _ in 0..<count { numbers.append(try integer()) }
      return .int32s(numbers)
    case GGUFValue.Code.float32:
      let count = try count(leastBytes: 4)
      var numbers: [Float] = []
      numbers.reserveCapacity(count)
      for _ in 0..<count { numbers.append(Float(bitPattern: try integer())) }
      return .float32s(numbers)
    case GGUFValue.Code.uint8:
      let count = try count(leastBytes: 1)
      let start = position
      try skip(count)
      return .bytes(bytes[start..<start + count].array)
    default:
      let size = try size(of: code)
      try skip(try count(leastBytes: size) * size)
      return nil
    }
  }

  private func size(of code: UInt32) throws(Failure) -> Int {
    typealias Code = GGUFValue.Code
    switch code {
    case Code.uint8, Code.int8, Code.flag: return 1
    case Code.uint16, Code.int16: return 2
    case Code.uint32, Code.int32, Code.float32: return 4
    case Code.uint64, Code.int64, Code.float64: return 8
    default: throw wrong("a value has the unknown type \(code)")
    }
  }

  /// The entry of a tensor, and the offset of its values from the end of the header.
  mutating func tensor() throws(Failure) -> (GGUFTensor, offset: Int) {
    let name = try text()
    let rank: UInt32 = try integer()
    guard rank >= 1, rank <= 4 else {
      throw wrong("the tensor '\(name)' has \(rank) dimensions", expected: "1 to 4")
    }
    var extents: [Int] = []
    var product = 1
    for _ in 0..<rank {
      let extent: UInt64 = try integer()
      // Every encoding uses at least one byte per value.
      guard let whole = Int(exactly: extent), whole > 0, whole <= bytes.count / product else {
        throw wrong("the tensor '\(name)' is larger than the file")
      }
      extents.append(whole)
      product *= whole
    }
    let code: UInt32 = try integer()
    guard let encoding = GGUFEncoding(code: code) else {
      throw wrong(
        "the tensor '\(name)' has the unknown type \(code)", expected: "f32, f16 or q8_0")
    }
    guard extents[0] % encoding.blockSize == 0 else {
      throw wrong("the row length of the tensor '\(name)' is not a multiple of the block size")
    }
    let offset: UInt64 = try integer()
    guard let offset = Int(exactly: offset) else {
      throw wrong("the byte range of the tensor '\(name)' exceeds the file")
    }
    return (GGUFTensor(name: name, extents: extents, encoding: encoding), offset)
  }
}
