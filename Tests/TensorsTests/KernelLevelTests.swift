import CKernelLevels
import Foundation
import TestSupport
import Testing

/// Set in the process of a lower level.
private let level = ProcessInfo.processInfo.environment["LTR_KERNEL_LEVEL"]

/// Kernels at every level that they are compiled for and the processor has. The loader takes the
/// highest, which all other tests run; here the tests that reach kernels run once more for each lower
/// one, in a process of its own in which the processor's features beyond the level are masked.
@Suite(
  .enabled(if: ltr_levels_can_mask(), "kernels are compiled for one level"),
  .enabled(if: level == nil, "this is the process of a lower level"))
struct KernelLevelTests {
  @Test(
    .enabled(if: ltr_levels_has_v3(), "the processor has the lowest level only"),
    .timeLimit(.minutes(10)))
  func baseline() throws { try run("x86-64") }

  @Test(
    .enabled(if: ltr_levels_has_v4(), "the processor has no level above x86-64-v3"),
    .timeLimit(.minutes(10)))
  func version3() throws { try run("x86-64-v3") }

  private func run(_ level: String) throws {
    let output = try Material.temporaryFolder().appending(path: "output.txt")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(
      filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments = [
      "--testing-library", "swift-testing", "--no-parallel", "--filter",
      "^(TensorsTests|AutodiffTests)\\.|WholeModelTests",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["LTR_KERNEL_LEVEL": level]) { $1 }
    let handle = try FileHandle(forWritingTo: output)
    (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, handle)
    process.standardError = handle
    try process.run()
    process.waitUntilExit()

    let text = try String(contentsOf: output, encoding: .utf8)
    let failures = text.split(separator: "\n").filter {
      $0.contains("recorded an issue") || $0.contains(" failed after ")
    }
    #expect(
      process.terminationReason == .exit && process.terminationStatus == 0,
      "\(level): \(failures.joined(separator: "\n"))")
    // That the level was another one, and that the tests were found.
    let masked = text.firstMatch(of: /LTR_KERNEL_LEVEL: (\S+): (\d+) kernels replaced/)
    #expect(masked.map { String($0.1) } == level)
    #expect(masked.flatMap { Int($0.2) } ?? 0 > 40)
    let total = text.firstMatch(of: /Test run with (\d+) tests? .*passed/)
    #expect(total.flatMap { Int($0.1) } ?? 0 > 60, "\(level)")
  }
}
