public import Diagnostics
import Foundation

/// The log of a run: one JSON object per line, appended at each event, so that a crash does not
/// lose earlier lines.
///
/// Every line has `time` (ISO 8601) and `event`; the other keys depend on the event and are listed
/// in Documentation/Formats.md.
public final class RunLog {
  private let handle: FileHandle
  private let path: String
  private let encoder = JSONEncoder()

  /// A log at the end of a file, which is created if it does not exist.
  ///
  /// - Throws: `cannotCreate` if another process writes it, or if it cannot be opened; `io`.
  public init(_ path: String) throws(Failure) {
    self.path = path
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    guard let handle = FileHandle(forUpdatingAtPath: path) else {
      throw Failure(.cannotCreate, "the log cannot be written", at: Place(path))
    }
    self.handle = handle
    // Held as long as the log is open, so that others see whether the run goes on. A file system
    // without locks only leaves them without an answer.
    guard Self.takesLock(handle.fileDescriptor) else { throw Self.isWritten(path) }
    do {
      // A line that a crash has truncated is terminated, so that it stays separate.
      let end = try handle.seekToEnd()
      if end > 0 {
        try handle.seek(toOffset: end - 1)
        if try handle.read(upToCount: 1) != Data("\n".utf8) {
          try handle.write(contentsOf: Data("\n".utf8))
        }
      }
    } catch {
      throw Failure(.io, "the log cannot be written", at: Place(path))
    }
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// Takes the lock; false if another process holds it. `isHeld` in another process has the lock for
  /// an instant, which is waited for.
  private static func takesLock(_ descriptor: Int32) -> Bool {
    for _ in 0..<20 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return true }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return false
  }

  /// The failure that another process writes the log.
  static func isWritten(_ path: String) -> Failure {
    Failure(
      .cannotCreate, "another process computes this run", at: Place(path),
      expected: "one process for a run",
      remedy: "wait until it ends ('ltr watch' shows it), or choose another folder")
  }

  /// Whether a process has the log at a path open for writing. False as well where the file system
  /// has no locks.
  public static func isHeld(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    let isFree = flock(handle.fileDescriptor, LOCK_SH | LOCK_NB) == 0
    return !isFree && errno == EWOULDBLOCK
  }

  /// Appends the line of an event.
  public func append(_ event: TrainingEvent) throws(Failure) {
    switch event {
    case .note(let text): try write(["event": .text("note"), "text": .text(text)])
    case .warning(let text): try write(["event": .text("warning"), "text": .text(text)])
    case .phase(let name, let lists, let steps):
      try write([
        "event": .text("phase"), "phase": .text(name), "lists": .number(Double(lists)),
        "steps": .number(Double(steps)),
      ])
    case .step(let step):
      var line: [String: LogValue] = [
        "event": .text("step"), "phase": .text(step.phase), "step": .number(Double(step.step)),
        "steps": .number(Double(step.steps)), "epoch": .number(step.epoch),
        "loss": .number(step.loss), "learning_rate": .number(step.learningRate),
        "gradient_norm": .number(step.gradientNorm),
        "tokens_per_second": .number(step.tokensPerSecond.rounded()),
        "pairs_per_second": .number((10 * step.pairsPerSecond).rounded() / 10),
        "seconds_left": .number(step.secondsLeft.rounded()),
      ]
      if let share = step.orderedShare { line["pairs_in_order"] = .number(share) }
      if let deviation = step.scoreDeviation { line["score_deviation"] = .number(deviation) }
      try write(line)
    case .evaluation(let report, let split, let phase, let step, let isBest, let averaged):
      var line: [String: LogValue] = [
        "event": .text("evaluation"), "split": .text(split), "phase": .text(phase),
        "step": .number(Double(step)), "best": .flag(isBest),
        "queries": .number(Double(report.queries)), "orders": .measures(report),
      ]
      if let weight = report.fusionWeight { line["fusion_weight"] = .number(weight) }
      if let averaged { line["averaged_steps"] = .number(Double(averaged)) }
      try write(line)
    case .average(let report): try write(Self.line(report))
    case .checkpoint(let path):
      try write(["event": .text("checkpoint"), "path": .text(path)])
    case .resumed(let path, let phase, let step, let totalSteps):
      var line: [String: LogValue] = [
        "event": .text("resume"), "path": .text(path), "step": .number(Double(step)),
        "total_steps": .number(Double(totalSteps)),
      ]
      if let phase { line["phase"] = .text(phase) }
      try write(line)
    }
  }

  /// Appends what the run is computed with, at its start and at each resumption.
  public func append(_ machine: Machine) throws(Failure) {
    var line: [String: LogValue] = [
      "event": .text("machine"), "cores": .number(Double(machine.cores)),
      "memory": .number(Double(machine.memory)), "system": .text(machine.system),
      "program": .text(machine.program),
    ]
    if let processor = machine.processor { line["processor"] = .text(processor) }
    try write(line)
  }

  /// Appends that the run has ended.
  public func append(_ end: RunHistory.End) throws(Failure) {
    try write(["event": .text("end"), "reason": .text(end.rawValue)])
  }

  private static func line(_ report: AverageReport) -> [String: LogValue] {
    var line: [String: LogValue] = ["event": .text("average"), "kept": .flag(report.isKept)]
    switch report.kind {
    case .checkpoints(let steps): line["checkpoints"] = .numbers(steps.map(Double.init))
    case .base(let share): line["base"] = .number(share)
    }
    if let value = report.value {
      line["measure"] = .text(report.measure)
      line["value"] = .number(value)
    }
    return line
  }

  private func write(_ values: [String: LogValue]) throws(Failure) {
    var line = values
    line["time"] = .text(Date.now.ISO8601Format())
    do {
      try handle.write(contentsOf: try encoder.encode(line) + Data("\n".utf8))
    } catch {
      throw Failure(
        .io, "the log cannot be written", at: Place(path), remedy: "make room on the disk")
    }
  }
}

/// A value in a log line.
private enum LogValue: Encodable {
  case text(String)
  case number(Double)
  case numbers([Double])
  case flag(Bool)
  case measures(EvaluationReport)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .numbers(let numbers): try container.encode(numbers)
    case .flag(let flag): try container.encode(flag)
    case .measures(let report): try container.encode(report.values)
    }
  }
}

extension EvaluationReport {
  /// The value of every measure by order and measure.
  public var values: [String: [String: Double]] {
    var result: [String: [String: Double]] = [:]
    for order in orders {
      result[order.name] = Dictionary(
        zip(measures, order.means), uniquingKeysWith: { first, _ in first })
    }
    return result
  }
}
