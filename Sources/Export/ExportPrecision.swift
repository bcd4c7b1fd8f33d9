import Persistence

/// What the weights of an export are stored as.
public enum ExportPrecision: String, Sendable, CaseIterable {
  /// As they are.
  case f32
  /// IEEE 754 binary16.
  case f16
  /// The upper half of 32 bits.
  case bf16
  /// 8 bits with scales.
  case int8

  /// The same as the type of a safetensors file; nil where that has none.
  var stored: StoredPrecision? {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .int8: nil
    }
  }

  /// How far scores of small magnitude may be from the model's before an export counts as wrong:
  /// a few times what rounding brings about in encoders of common sizes.
  package var tolerance: Float {
    switch self {
    case .f32: 1e-4
    case .f16: 0.02
    case .bf16: 0.2
    case .int8: 0.5
    }
  }
}
