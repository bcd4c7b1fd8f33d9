import Foundation
import Tables
import Training

/// The state of a training run as lines for a terminal, from what the run's log has.
struct LiveView {
  /// What a terminal can show.
  struct Look: Equatable {
    /// The columns.
    var width = 80
    /// Whether colours may be used.
    var hasColor = false
  }

  private typealias Order = RankingEvaluator.Order

  private(set) var step: StepReport?
  private var evaluation: RunHistory.Evaluation?
  private var bests: [String: Double] = [:]
  private let measure: String?

  /// A view without anything yet.
  ///
  /// - Parameter measure: the measure of dev to show; nil for the first one.
  init(measure: String? = nil) { self.measure = measure }

  /// Takes the entries of a history over, which then needs no memory for them.
  mutating func follow(_ history: inout RunHistory) {
    let (steps, evaluations) = history.takeEntries()
    if let last = steps.last { step = last.report }
    for one in evaluations {
      evaluation = one
      for (name, value) in one.orders[Order.model] ?? [:] where one.isBest { bests[name] = value }
    }
  }

  /// The lines, none longer than the terminal is wide.
  func lines(_ look: Look) -> [String] {
    guard let step else { return [] }
    let done = min(1, Double(step.step) / Double(max(1, step.steps)))
    let head = "\(step.phase) \(step.step)/\(step.steps)"
    let tail = "\(Int(100 * done)) %  \(ProgressLine.duration(step.secondsLeft)) left"
    let room = min(40, look.width - head.count - tail.count - 7)
    var lines = [
      room >= 8 ? "\(head)  [\(Self.bar(done, room))]  \(tail)" : "\(head)  \(tail)"
    ]
    lines += Self.filled(
      [
        "loss \(fixed(step.loss, 4))", "lr \(String(format: "%.1e", step.learningRate))",
        "gradient \(String(format: "%.3g", step.gradientNorm))",
        step.orderedShare.map { "in order \(fixed(100 * $0, 1)) %" },
        "\(Int(step.tokensPerSecond)) tokens/s",
        step.pairsPerSecond > 0 ? "\(Int(step.pairsPerSecond)) pairs/s" : nil,
      ].compactMap { $0 }, look.width)
    return lines + measureLines(look)
  }

  /// Everything on one line, for pipes.
  var line: String? {
    guard step != nil else { return nil }
    return lines(Look(width: .max)).joined(separator: "  ")
  }

  /// The latest value of the model on dev with the first stage's.
  private func measureLines(_ look: Look) -> [String] {
    guard let evaluation, let values = evaluation.orders[Order.model],
      let name = measure.flatMap({ values[$0] == nil ? nil : $0 }) ?? values.keys.min(),
      let value = values[name]
    else { return [] }
    var parts = ["\(evaluation.split) \(name)", "model \(fixed(value, 4))"]
    var gain: Double?
    if let first = evaluation.orders[Order.firstStage]?[name] {
      gain = value - first
      parts.append("first stage \(fixed(first, 4))")
      parts.append((value < first ? "" : "+") + fixed(value - first, 4))
    }
    if let best = bests[name] { parts.append("best \(fixed(best, 4))") }
    let lines = Self.filled(parts, look.width)
    guard look.hasColor, let gain else { return lines }
    return lines.map { "\u{1B}[\(gain > 0 ? 32 : 31)m\($0)\u{1B}[0m" }
  }

  /// Parts on as few lines as they fit.
  private static func filled(_ parts: [String], _ width: Int) -> [String] {
    var lines: [String] = []
    for part in parts {
      if let last = lines.last, last.count + 2 + part.count <= width {
        lines[lines.count - 1] = "\(last)  \(part)"
      } else {
        lines.append(cut(part, width))
      }
    }
    return lines
  }

  private static func cut(_ line: String, _ width: Int) -> String {
    line.count <= width ? line : String(line.prefix(max(1, width)))
  }

  private static func bar(_ share: Double, _ width: Int) -> String {
    let full = Int(share * Double(width))
    return String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
  }
}
