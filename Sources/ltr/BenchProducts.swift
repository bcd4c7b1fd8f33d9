import ArgumentParser
import Autodiff
import Benchmarking
import Diagnostics
import Tensors

/// `ltr bench gemm`.
struct BenchProducts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm",
    abstract: "Measures products of 1024 by 1024 matrices on all cores at the same time.")

  @OptionGroup var options: BenchOptions

  func run() throws {
    let precision = try options.precision.forInference()
    let workers = options.workers ?? Workers.cores
    let rate = ProductRate.measure(precision, workers: workers)
    var report = BenchReport()
    report.add("gemm_gflops", rate / 1e9)
    report.add("workers", workers)
    report.add("precision", precision.rawValue)
    report.add("peak_memory_mb", peakMemory)
    try options.write(report)
  }
}
