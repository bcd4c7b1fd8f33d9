import Diagnostics
import Export
import Files
import Tensors

/// A value during the execution of a graph. Integers are stored as `Float` too, which is exact up
/// to 2²⁴; larger sums of products of 8-bit numbers are rounded to 24 bits.
struct ONNXTensor {
  let type: ONNXType
  var shape: [Int]
  let values: Storage

  /// The number of elements.
  var count: Int { shape.reduce(1, *) }

  /// Zeros.
  init(_ type: ONNXType, _ shape: [Int]) {
    self.type = type
    self.shape = shape
    values = Storage(count: shape.reduce(1, *))
  }

  /// A tensor of these numbers.
  init(_ type: ONNXType, _ shape: [Int], _ numbers: [Float]) {
    self.init(type, shape)
    values.floats.copy(from: numbers.span)
  }

  /// The same elements in a different shape.
  func reshaped(_ shape: [Int]) -> ONNXTensor {
    precondition(shape.reduce(1, *) == count)
    var other = self
    other.shape = shape
    return other
  }

  /// The elements as integers.
  var wholes: [Int] { values.array.prefix(count).map { Int($0) } }

  /// A tensor of a file, or a selection of its rows.
  init(_ stored: ONNXDocument.Stored, rows: [Int]? = nil) {
    let width = stored.dims.dropFirst().reduce(1, *)
    let size = width * stored.type.size
    if let rows {
      self.init(stored.type, [rows.count] + stored.dims.dropFirst())
      for (place, row) in rows.enumerated() {
        Self.decode(
          stored.bytes[row * size..<(row + 1) * size], stored.type,
          into: values.floats[place * width..<(place + 1) * width])
      }
    } else {
      self.init(stored.type, stored.dims)
      Self.decode(stored.bytes, stored.type, into: values.floats)
    }
  }

  private static func decode(_ bytes: Bytes, _ type: ONNXType, into values: Floats) {
    bytes.withSpan { source in
      switch type {
      case .float: fill(values, source) { (bits: UInt32) in Float(bitPattern: bits) }
      case .float16: fill(values, source) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
      case .uint8: fill(values, source) { (whole: UInt8) in Float(whole) }
      case .int8: fill(values, source) { (whole: Int8) in Float(whole) }
      case .int32: fill(values, source) { (whole: Int32) in Float(whole) }
      case .int64: fill(values, source) { (whole: Int64) in Float(whole) }
      case .undefined, .UNRECOGNIZED: values.fill(.nan)
      }
    }
  }

  /// One loop for each type, so that the type is chosen outside the loop.
  @inline(__always)
  private static func fill<T: BitwiseCopyable>(
    _ values: Floats, _ source: Span<UInt8>, _ number: (T) -> Float
  ) {
    let raw = unsafe source.bytes
    let size = MemoryLayout<T>.size
    for i in 0..<values.count {
      values[i] = number(unsafe raw.unsafeLoadUnaligned(fromByteOffset: i * size, as: T.self))
    }
  }
}
