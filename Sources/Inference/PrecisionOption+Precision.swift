package import Autodiff
package import Diagnostics
package import Options

extension PrecisionOption {
  /// The precision of a training run.
  ///
  /// - Throws: `unavailable` if this processor does not support it, `usage` for a precision that
  ///   only inference supports.
  package func forTraining() throws(Failure) -> Precision {
    switch self {
    case .auto: return .fastest
    case .f32: return .f32
    case .bf16: return try available(.bf16)
    case .int8:
      throw Failure(
        .usage, "the precision int8 is for inference, not for training",
        expected: "f32, bf16 or auto")
    }
  }

  /// The precision of scoring and reranking.
  ///
  /// - Throws: `unavailable` if this processor does not support it.
  package func forInference() throws(Failure) -> Precision {
    switch self {
    case .auto: .fastest
    case .f32: .f32
    case .bf16: try available(.bf16)
    case .int8: try available(.int8)
    }
  }

  private func available(_ precision: Precision) throws(Failure) -> Precision {
    guard !precision.isAvailable else { return precision }
    throw Failure(
      .unavailable,
      "this processor has no instructions for products in \(precision.rawValue)",
      expected: precision == .bf16 ? "one with AVX-512 BF16 or AMX" : "one with AVX-512 VNNI",
      remedy: "use f32, or auto for the fastest precision of this processor")
  }
}
