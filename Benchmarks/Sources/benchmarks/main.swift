import Autodiff
import Diagnostics
import Foundation

/// What is printed: a line a measurement, and whether one fell below its threshold.
struct Report {
  let thresholds: Thresholds
  private(set) var isSlow = false

  init(_ thresholds: Thresholds) {
    self.thresholds = thresholds
    print(
      Self.column("share of this machine's rate of products", 50) + Self.column("found", 9)
        + "least")
  }

  mutating func add(_ measurement: Measurement) {
    let least = thresholds[measurement.name]
    let isBelow = least.map { measurement.share < $0 } ?? false
    if isBelow { isSlow = true }
    print(
      Self.column(measurement.name, 50)
        + Self.column(String(format: "%.3f", measurement.share), 9)
        + (least.map { String(format: "%.3f", $0) } ?? "-") + (isBelow ? "  too slow" : ""))
  }

  private static func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

func measure(model: String, collection: String, _ report: inout Report) throws {
  let encoders = try Encoders(model: model, collection: collection)
  let folder = try RandomModernBERT.written(
    tokenizerOf: encoders.model.sidecar, vocabulary: encoders.model.tokenizer.vocabularySize)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let modern = try Encoders(model: folder, collection: collection, name: "ModernBERT, ")
  for precision in Precision.allCases where precision.isAvailable {
    let one = ProductRate.measure(precision, workers: 1)
    if precision != .int8 {
      for measurement in Layers(precision: precision, rate: one).measure() {
        report.add(measurement)
      }
    }
    if precision == .f32 { report.add(try encoders.measureTokenization(rate: one)) }
    let all = ProductRate.measure(precision)
    for (encoders, losses) in [(encoders, true), (modern, false)] {
      for measurement in try encoders.measure(precision, rate: all, losses: losses) {
        report.add(measurement)
      }
    }
  }
}

func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  say("usage: benchmarks thresholds.json model collection")
  exit(64)
}
do {
  var report = Report(try Thresholds(reading: arguments[1]))
  try measure(model: arguments[2], collection: arguments[3], &report)
  exit(report.isSlow ? 1 : 0)
} catch {
  say("\(error)")
  exit((error as? Failure)?.kind.rawValue ?? 65)
}
