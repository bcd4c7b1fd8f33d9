import CHDF5

/// The type of a checkpoint entry.
public enum CheckpointKind: String, Sendable, CustomStringConvertible {
  /// 32-bit floating point.
  case float32
  /// 64-bit floating point.
  case float64
  /// 64-bit signed integers.
  case int64
  /// 64-bit unsigned integers.
  case uint64
  /// UTF-8 text.
  case text

  /// The type as a message names it.
  public var description: String { rawValue }

  /// The type of a dataset; nil for one that no checkpoint has.
  init?(dataset kind: Int32) {
    switch UInt32(bitPattern: kind) {
    case ltr_h5_kind_float32.rawValue: self = .float32
    case ltr_h5_kind_float64.rawValue: self = .float64
    case ltr_h5_kind_int64.rawValue: self = .int64
    case ltr_h5_kind_uint64.rawValue: self = .uint64
    case ltr_h5_kind_text.rawValue: self = .text
    default: return nil
    }
  }

  /// HDF5's type on disk and in memory; they are the same on little-endian machines, and HDF5
  /// converts on others. Only for numbers.
  var numberType: hid_t {
    switch self {
    case .float32: ltr_h5_float32()
    case .float64: ltr_h5_float64()
    case .int64: ltr_h5_int64()
    case .uint64, .text: ltr_h5_uint64()
    }
  }
}

/// A number that a checkpoint can hold: `Float`, `Double`, `Int64` or `UInt64`.
public protocol CheckpointNumber: BitwiseCopyable, Sendable {
  /// The type of an entry of such numbers.
  static var checkpointKind: CheckpointKind { get }
  /// Zero, the initial value of buffers.
  static var zero: Self { get }
}

extension Float: CheckpointNumber {
  /// 32-bit floating point.
  public static var checkpointKind: CheckpointKind { .float32 }
}

extension Double: CheckpointNumber {
  /// 64-bit floating point.
  public static var checkpointKind: CheckpointKind { .float64 }
}

extension Int64: CheckpointNumber {
  /// 64-bit signed integers.
  public static var checkpointKind: CheckpointKind { .int64 }
}

extension UInt64: CheckpointNumber {
  /// 64-bit unsigned integers.
  public static var checkpointKind: CheckpointKind { .uint64 }
}
