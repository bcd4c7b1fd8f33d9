/// What matrix products are computed in, as a user asks for it.
public enum PrecisionOption: String, Sendable, CaseIterable {
  /// The fastest that this machine has.
  case auto
  /// 32-bit floating point.
  case f32
  /// bfloat16 operands; sums and weights in 32 bits.
  case bf16
  /// 8-bit integers, for inference alone.
  case int8
}
