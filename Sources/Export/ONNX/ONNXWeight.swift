import Autodiff
import Diagnostics
import Persistence
import Tensors

/// The types of tensors in the graphs.
package typealias ONNXType = Onnx_TensorProto.DataType

extension ONNXType {
  /// The size of one value in bytes.
  package var size: Int {
    switch self {
    case .uint8, .int8: 1
    case .float16: 2
    case .float, .int32: 4
    case .int64: 8
    case .undefined, .UNRECOGNIZED: 0
    }
  }
}

/// A tensor of an ONNX file. Its bytes are computed when they are written, so that memory never
/// holds a second copy of all weights.
struct ONNXWeight {
  typealias Emit = (Span<UInt8>) throws(Failure) -> Void

  let name: String
  let type: ONNXType
  let dims: [Int]
  /// Emits the bytes, in pieces.
  let write: (Emit) throws(Failure) -> Void

  /// The size in bytes.
  var byteCount: Int { dims.reduce(type.size, *) }

  /// A small constant.
  init(_ name: String, _ type: ONNXType, _ dims: [Int], bytes: [UInt8]) {
    self.init(name, type, dims) { (emit) throws(Failure) in try emit(bytes.span) }
  }

  private init(
    _ name: String, _ type: ONNXType, _ dims: [Int],
    write: @escaping (Emit) throws(Failure) -> Void
  ) {
    self.name = name
    self.type = type
    self.dims = dims
    self.write = write
  }

  /// Numbers as `type`, which is f32 or f16.
  init(_ name: String, _ type: ONNXType, _ dims: [Int], values: [Float]) {
    self.init(name, type, dims) { (emit) throws(Failure) in
      try Self.encode(values.span, as: type, emit)
    }
  }

  /// A parameter in its memory order.
  init(_ name: String, _ type: ONNXType, _ values: Floats, _ dims: [Int]) {
    self.init(name, type, dims) { (emit) throws(Failure) in
      try values.withSpan { (span) throws(Failure) in try Self.encode(span, as: type, emit) }
    }
  }

  /// A linear layer's weight `[out, in]` as the right operand of a product, `[in, out]`.
  init(_ name: String, _ type: ONNXType, transposing values: Floats, from: Int, to: Int) {
    self.init(name, type, [from, to]) { (emit) throws(Failure) in
      let turned = transposed(values, rows: to, columns: from)
      try Self.encode(turned.span, as: type, emit)
    }
  }

  /// The same in 8 bits with one scale per column, `[in, out]`.
  init(
    _ name: String, quantizing values: Floats, scales: [Float], transposing from: Int, to: Int
  ) {
    self.init(name, .int8, [from, to]) { (emit) throws(Failure) in
      let turned = transposed(values, rows: to, columns: from)
      var bytes = [UInt8](repeating: 0, count: turned.count)
      for row in 0..<from {
        for column in 0..<to {
          bytes[row * to + column] = UInt8(
            bitPattern: Self.quantized(turned[row * to + column], scales[column]))
        }
      }
      try emit(bytes.span)
    }
  }

  /// A table in 8 bits with one scale per row.
  init(_ name: String, quantizing values: Floats, scales: [Float], columns: Int) {
    self.init(name, .int8, [scales.count, columns]) { (emit) throws(Failure) in
      try values.withSpan { (span) throws(Failure) in
        var bytes: [UInt8] = []
        for row in scales.indices {
          for column in 0..<columns {
            bytes.append(
              UInt8(bitPattern: Self.quantized(span[row * columns + column], scales[row])))
          }
          if bytes.count >= 1 << 18 {
            try emit(bytes.span)
            bytes.removeAll(keepingCapacity: true)
          }
        }
        try emit(bytes.span)
      }
    }
  }

  /// The scale of each row: its largest magnitude, divided by 127.
  static func scales(of values: Floats, columns: Int) -> [Float] {
    values.withSpan { span in
      var scales: [Float] = []
      for start in stride(from: 0, to: span.count, by: columns) {
        var largest: Float = 0
        for i in start..<start + columns { largest = max(largest, abs(span[i])) }
        scales.append(largest > 0 ? largest / 127 : 1)
      }
      return scales
    }
  }

  /// A weight rounded to 8 bits, symmetric around 0.
  static func quantized(_ value: Float, _ scale: Float) -> Int8 {
    let whole = (value / scale).rounded(.toNearestOrEven)
    return Int8(max(-127, min(127, whole)))
  }

  private static func encode(
    _ span: Span<Float>, as type: ONNXType, _ emit: Emit
  ) throws(Failure) {
    var bytes: [UInt8] = []
    var start = 0
    while start < span.count {
      let end = min(start + 1 << 16, span.count)
      bytes.removeAll(keepingCapacity: true)
      Persistence.encode(
        span.extracting(start..<end), as: type == .float16 ? .f16 : .f32, into: &bytes)
      try emit(bytes.span)
      start = end
    }
  }
}

/// The transpose `[columns, rows]` of a matrix `[rows, columns]`.
private func transposed(_ values: Floats, rows: Int, columns: Int) -> [Float] {
  values.withSpan { span in
    var turned = [Float](repeating: 0, count: rows * columns)
    // Square tiles, whose cache lines fit in the cache for both matrices.
    let side = 32
    for top in stride(from: 0, to: rows, by: side) {
      for left in stride(from: 0, to: columns, by: side) {
        for row in top..<min(top + side, rows) {
          for column in left..<min(left + side, columns) {
            turned[column * rows + row] = span[row * columns + column]
          }
        }
      }
    }
    return turned
  }
}
