/// The types of tensor values.
public enum TensorType: String, Sendable, CustomStringConvertible {
  /// 64-bit floating point.
  case f64 = "F64"
  /// 32-bit floating point.
  case f32 = "F32"
  /// IEEE 754 binary16.
  case f16 = "F16"
  /// The upper half of an F32.
  case bf16 = "BF16"
  /// Eight-bit floating point with four bits of exponent.
  case f8e4m3 = "F8_E4M3"
  /// Eight-bit floating point with five bits of exponent.
  case f8e5m2 = "F8_E5M2"
  /// Eight bits of exponent, without sign or mantissa.
  case f8e8m0 = "F8_E8M0"
  /// Complex numbers: pairs of F32.
  case c64 = "C64"
  /// 64-bit signed integers.
  case i64 = "I64"
  /// 32-bit signed integers.
  case i32 = "I32"
  /// 16-bit signed integers.
  case i16 = "I16"
  /// 8-bit signed integers.
  case i8 = "I8"
  /// 64-bit unsigned integers.
  case u64 = "U64"
  /// 32-bit unsigned integers.
  case u32 = "U32"
  /// 16-bit unsigned integers.
  case u16 = "U16"
  /// 8-bit unsigned integers.
  case u8 = "U8"
  /// Booleans, one byte each.
  case bool = "BOOL"

  /// The size of one value in bytes.
  public var size: Int {
    switch self {
    case .f64, .i64, .u64, .c64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .f8e4m3, .f8e5m2, .f8e8m0, .i8, .u8, .bool: 1
    }
  }

  /// Whether `TensorFile.copy` can convert values of this type to 32-bit floats.
  public var isFloatingPoint: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16: true
    default: false
    }
  }

  /// The type's name in files.
  public var description: String { rawValue }
}
