import Foundation
import Persistence

/// The type in which the values of a GGUF tensor are stored.
package enum GGUFEncoding: String, Sendable, CaseIterable {
  /// 32 bits, unrounded.
  case f32
  /// IEEE 754 binary16.
  case f16
  /// Blocks of 32 values of a row: a scale in binary16, followed by one signed byte per value.
  case q8 = "q8_0"

  /// The code of the type in a tensor's entry.
  var code: UInt32 {
    switch self {
    case .f32: 0
    case .f16: 1
    case .q8: 8
    }
  }

  package init?(code: UInt32) {
    guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = found
  }

  /// The code in `general.file_type`, the type of most tensors.
  var fileType: UInt32 {
    switch self {
    case .f32: 0
    case .f16: 1
    case .q8: 7
    }
  }

  /// The number of values in a block; the length of a row is a multiple of it.
  package var blockSize: Int { self == .q8 ? 32 : 1 }

  /// The size of a block in bytes.
  var blockBytes: Int {
    switch self {
    case .f32: 4
    case .f16: 2
    case .q8: 34
    }
  }

  /// The size in bytes of `count` values, a multiple of the block size.
  package func bytes(for count: Int) -> Int { count / blockSize * blockBytes }

  /// Appends the encoding of values, whose number is a multiple of the block size.
  package func encode(_ values: Span<Float>, into bytes: inout [UInt8]) {
    switch self {
    case .f32: Persistence.encode(values, as: .f32, into: &bytes)
    case .f16: Persistence.encode(values, as: .f16, into: &bytes)
    case .q8:
      for start in stride(from: 0, to: values.count, by: 32) {
        Self.appendBlock(values.extracting(start..<start + 32), to: &bytes)
      }
    }
  }

  /// Decodes complete blocks.
  package func decode(_ bytes: Span<UInt8>, into values: inout MutableSpan<Float>) {
    switch self {
    case .f32: Persistence.convert(bytes, of: .f32, into: &values)
    case .f16: Persistence.convert(bytes, of: .f16, into: &values)
    case .q8:
      for block in 0..<(values.count / 32) {
        let from = block * 34
        let half = UInt16(bytes[from]) | UInt16(bytes[from + 1]) << 8
        let scale = Float(Float16(bitPattern: half))
        for i in 0..<32 {
          values[block * 32 + i] = scale * Float(Int8(bitPattern: bytes[from + 2 + i]))
        }
      }
    }
  }

  /// Appends one block, rounded like the reference implementation: the scale that maps the largest
  /// magnitude to 127 is rounded only after it is used, and halves are rounded away from zero.
  private static func appendBlock(_ values: Span<Float>, to bytes: inout [UInt8]) {
    var largest: Float = 0
    for i in values.indices { largest = max(largest, abs(values[i])) }
    let scale = largest / 127
    let inverse = scale == 0 ? 0 : 1 / scale
    bytes.append(littleEndian: Float16(scale).bitPattern)
    for i in values.indices {
      let rounded = (values[i] * inverse).rounded(.toNearestOrAwayFromZero)
      // The inverse of a tiny scale is infinite, which would exceed the range of a byte.
      bytes.append(UInt8(bitPattern: Int8(max(-127, min(127, rounded.isNaN ? 0 : rounded)))))
    }
  }
}
