public import Foundation
import JSON

/// The course of a run as its log tells it: steps and evaluations without those that a resumption
/// superseded, notes, and what it ran on.
///
/// It is filled line by line, so that a log can be followed while it grows. Keys that an earlier
/// version of the program did not write are nil.
public struct RunHistory: Sendable, Equatable {
  /// A phase of a run.
  public struct Phase: Sendable, Equatable {
    /// "warm-up" or "training".
    public var name: String
    /// The number of lists in an epoch.
    public var lists: Int
    /// The number of steps.
    public var steps: Int
    /// The number of steps of all phases before it.
    public var start: Int
  }

  /// A step.
  public struct Step: Sendable, Equatable {
    /// Its place among the steps of all phases, from 1.
    public var total: Int
    /// The report of the step.
    public var report: StepReport
    /// The time of its line.
    public var time: Date?
  }

  /// An evaluation.
  public struct Evaluation: Sendable, Equatable {
    /// The split, "dev".
    public var split: String
    /// The phase.
    public var phase: String
    /// The number of steps done in the phase.
    public var step: Int
    /// The number of steps done in all phases.
    public var total: Int
    /// Whether it was the best so far.
    public var isBest: Bool
    /// The number of queries.
    public var queries: Int
    /// The values by the name of the order, then by measure.
    public var orders: [String: [String: Double]]
    /// The time of its line.
    public var time: Date?
  }

  /// The end of a run.
  public enum End: String, Sendable {
    /// All steps are done, and the model is written.
    case finished
    /// It was stopped with a checkpoint.
    case interrupted
  }

  /// The phases so far.
  public private(set) var phases: [Phase] = []
  /// The steps, ascending.
  public private(set) var steps: [Step] = []
  /// The evaluations, ascending.
  public private(set) var evaluations: [Evaluation] = []
  /// Notes and warnings, in the order of the log; duplicates are left out.
  public private(set) var messages: [(isWarning: Bool, text: String)] = []
  /// The machine of the latest start; nil in the logs of earlier versions.
  public private(set) var machine: Machine?
  /// The time of the first line.
  public private(set) var began: Date?
  /// The time of the latest line.
  public private(set) var latest: Date?
  /// The seconds between the first and the last line of each start, summed: without the time
  /// between an interruption and its resumption.
  public private(set) var seconds = 0.0
  /// The number of resumptions.
  public private(set) var resumptions = 0
  /// The end; nil while the run goes on, or if it was killed.
  public private(set) var end: End?
  /// The number of lines that are not intact, such as the last one after a crash.
  public private(set) var damagedLines = 0

  /// The steps before the current phase, and those done in all phases.
  private var (offset, total) = (0, 0)
  private var resumedPhase: String?

  /// No line yet.
  public init() {}

  /// The history of a log's bytes.
  public init(log: some Collection<UInt8>) {
    for line in log.split(separator: UInt8(ascii: "\n")) { add(line: Array(line)) }
  }

  /// The current phase.
  public var phase: Phase? { phases.last }

  /// The best evaluation, by which the model was selected.
  public var best: Evaluation? { evaluations.last { $0.isBest } }

  /// Adds a line of the log, without its line end. A line that is not intact is counted, and an event
  /// that this version does not know is passed over.
  public mutating func add(line: [UInt8]) {
    guard !line.isEmpty else { return }
    guard let json = try? JSONValue(line, name: "log"), case .text(let event)? = json["event"]
    else {
      damagedLines += 1
      return
    }
    let time = json.text("time").flatMap { try? Date($0, strategy: .iso8601) }
    note(time, isStart: event == "machine" || event == "resume")
    if event != "end" { end = nil }
    switch event {
    case "note", "warning":
      let text = json.text("text") ?? ""
      if !messages.contains(where: { $0.text == text }) {
        messages.append((event == "warning", text))
      }
    case "phase":
      begin(json.text("phase") ?? "", lists: json.whole("lists"), steps: json.whole("steps"))
    case "step": if let report = StepReport(json) { add(report, time) }
    case "evaluation": add(evaluation: json, time)
    case "resume":
      resume(
        phase: json.text("phase"), step: json.whole("step"), total: json.whole("total_steps"))
    case "machine": machine = Machine(json)
    case "end": end = json.text("reason").flatMap(End.init)
    default: break
    }
  }

  /// Adds an event of a run in this process.
  public mutating func add(_ event: TrainingEvent) {
    switch event {
    case .phase(let name, let lists, let steps): begin(name, lists: lists, steps: steps)
    case .step(let report): add(report, nil)
    case .evaluation(let report, let split, let phase, let step, let isBest, _):
      evaluations.append(
        .init(
          split: split, phase: phase, step: step, total: offset + step, isBest: isBest,
          queries: report.queries, orders: report.values))
    case .resumed(_, let phase, let step, let total):
      resume(phase: phase, step: step, total: total)
    case .note, .warning, .average, .checkpoint: break
    }
  }

  /// Removes what is of later steps than so many of all phases.
  public mutating func keep(upTo total: Int) {
    steps.removeAll { $0.total > total }
    evaluations.removeAll { $0.total > total }
  }

  /// Takes the steps and evaluations out, so that following a long run needs no more memory with every
  /// step.
  public mutating func takeEntries() -> (steps: [Step], evaluations: [Evaluation]) {
    defer {
      steps.removeAll(keepingCapacity: true)
      evaluations.removeAll(keepingCapacity: true)
    }
    return (steps, evaluations)
  }

  private mutating func note(_ time: Date?, isStart: Bool) {
    guard let time else { return }
    if began == nil { began = time }
    if let latest, !isStart { seconds += max(0, time.timeIntervalSince(latest)) }
    latest = time
  }

  private mutating func begin(_ name: String, lists: Int, steps count: Int) {
    // The phase in which a run resumes is announced once more.
    if resumedPhase != name { offset = total }
    resumedPhase = nil
    phases.removeAll { $0.start >= offset }
    phases.append(Phase(name: name, lists: lists, steps: count, start: offset))
  }

  private mutating func add(_ report: StepReport, _ time: Date?) {
    total = offset + report.step
    steps.append(Step(total: total, report: report, time: time))
  }

  private mutating func add(evaluation json: JSONValue, _ time: Date?) {
    let step = json.whole("step")
    let orders = (json["orders"]?.members ?? [:]).mapValues { values in
      (values.members ?? [:]).compactMapValues(\.double)
    }
    evaluations.append(
      Evaluation(
        split: json.text("split") ?? "dev", phase: json.text("phase") ?? "", step: step,
        total: offset + step, isBest: json["best"] == .flag(true),
        queries: json.whole("queries"), orders: orders, time: time))
  }

  private mutating func resume(phase: String?, step: Int, total: Int) {
    resumptions += 1
    self.total = total
    keep(upTo: total)
    offset = total - step
    resumedPhase = phase
  }
}

extension RunHistory {
  /// Whether two runs had the same course, whenever it was.
  public static func == (a: RunHistory, b: RunHistory) -> Bool {
    a.phases == b.phases && a.steps == b.steps && a.evaluations == b.evaluations
      && a.messages.elementsEqual(b.messages, by: ==) && a.machine == b.machine && a.end == b.end
  }
}

extension StepReport {
  fileprivate init?(_ json: JSONValue) {
    guard let phase = json.text("phase"), let loss = json["loss"]?.double else { return nil }
    self.init(
      phase: phase, step: json.whole("step"), steps: json.whole("steps"),
      epoch: json["epoch"]?.double ?? 0, loss: loss,
      learningRate: json["learning_rate"]?.double ?? 0,
      gradientNorm: json["gradient_norm"]?.double ?? 0,
      tokensPerSecond: json.amount("tokens_per_second"),
      secondsLeft: json.amount("seconds_left"), pairsPerSecond: json.amount("pairs_per_second"),
      orderedShare: json["pairs_in_order"]?.double,
      scoreDeviation: json["score_deviation"]?.double)
  }
}

extension Machine {
  fileprivate init(_ json: JSONValue) {
    self.init(
      processor: json.text("processor"), cores: json.whole("cores"), memory: json.whole("memory"),
      system: json.text("system") ?? "", program: json.text("program") ?? "")
  }
}

extension JSONValue {
  fileprivate func text(_ key: String) -> String? {
    if case .text(let text)? = self[key] { text } else { nil }
  }

  /// A count; 0 for what is none, so that a damaged line leads to no number that cannot be added.
  fileprivate func whole(_ key: String) -> Int {
    if case .whole(let number)? = self[key], (0...1 << 48).contains(number) { number } else { 0 }
  }

  /// A rate or a time that can be shown; 0 for what is none.
  fileprivate func amount(_ key: String) -> Double {
    self[key]?.double.flatMap { (0...1e15).contains($0) ? $0 : nil } ?? 0
  }
}
