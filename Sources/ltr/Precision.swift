import ArgumentParser
import Diagnostics

/// What products are computed in.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case auto, f32, bf16, int8

  /// The precision this build computes in when this one is asked for.
  ///
  /// - Throws: `unavailable` for one it does not have.
  func available() throws(Failure) -> Precision {
    switch self {
    case .auto, .f32: return .f32
    case .bf16, .int8:
      throw Failure(
        .unavailable, "the precision \(rawValue) is not on this build", expected: "f32 or auto")
    }
  }
}
