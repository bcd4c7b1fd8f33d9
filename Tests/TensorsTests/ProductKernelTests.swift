import COpenBLAS
import Foundation
import Testing

/// OpenBLAS's kernels, which are chosen again where the library does not know the processor.
@Suite struct ProductKernelTests {
  /// A processor with AVX-512 multiplies in 512-bit registers, even if it is newer than the library.
  @Test(
    .enabled(if: processor.contains("avx512vl"), "needs a processor with AVX-512"),
    .enabled(
      if: ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil,
      "OPENBLAS_CORETYPE names the kernels"))
  func kernelsAreThoseOfTheProcessor() throws {
    let core = unsafe String(cString: try #require(openblas_get_corename()))
    #expect(!["Haswell", "Zen"].contains(core))
    // Child processes see the environment that the user gave.
    #expect(unsafe getenv("OPENBLAS_CORETYPE") == nil)
  }

  private static let processor =
    (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
}
