/// The user's choice of the precision of matrix products.
public enum PrecisionOption: String, Sendable, CaseIterable {
  /// The fastest precision of this machine.
  case auto
  /// 32-bit floating point.
  case f32
  /// bfloat16 operands; sums and weights in 32 bits.
  case bf16
  /// 8-bit integers, only for inference.
  case int8
}
