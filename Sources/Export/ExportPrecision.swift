import Persistence

/// The type in which the weights of an export are stored.
public enum ExportPrecision: String, Sendable, CaseIterable {
  /// 32 bits, unrounded.
  case f32
  /// IEEE 754 binary16.
  case f16
  /// bfloat16, the upper half of 32 bits.
  case bf16
  /// 8 bits with scales.
  case int8

  /// The corresponding type in a safetensors file; nil for int8, which the file cannot express.
  var stored: StoredPrecision? {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .int8: nil
    }
  }

  /// The largest allowed difference from a score of magnitude 1: a few times the rounding error in
  /// encoders of common sizes.
  package var tolerance: Float {
    switch self {
    case .f32: 1e-4
    case .f16: 0.02
    case .bf16: 0.2
    case .int8: 0.5
    }
  }
}
