package import Diagnostics
package import Foundation
package import Training

/// The event file of a run: a function of the run's log, which it follows.
///
/// At each start the file is written again from the log, without the steps that a resumption
/// supersedes, so that a resumed run has every step once.
package final class TrainingEvents {
  private let file: EventFile
  private var history = RunHistory()

  /// The event file of a run, with the steps in the log so far and the recipe as a text.
  ///
  /// - Throws: `cannotCreate` or `io`.
  package init(_ directory: RunDirectory, recipe: String, time: Date = .now) throws(Failure) {
    file = try EventFile(in: directory.events, time: time)
    // In a block of code, Markdown leaves the lines of YAML as they are.
    let text = recipe.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    try file.append(text: text, tag: "recipe", step: 0, time: time)
  }

  /// Adds the lines of a log, all of them at once, before the first event of this start.
  ///
  /// - Parameter total: the number of steps of all phases after which the run resumes; later ones are
  ///   left out.
  package func add(log: [UInt8], upTo total: Int) throws(Failure) {
    history = RunHistory(log: log)
    history.keep(upTo: total)
    try write(nil)
  }

  /// Adds an event of the run in this process.
  ///
  /// - Throws: `io` if it cannot be written.
  package func append(_ event: TrainingEvent, time: Date = .now) throws(Failure) {
    history.add(event)
    try write(time)
  }

  private func write(_ time: Date?) throws(Failure) {
    let (steps, evaluations) = history.takeEntries()
    for step in steps { try append(step, time: time ?? step.time) }
    for evaluation in evaluations { try append(evaluation, time: time ?? evaluation.time) }
  }

  private func append(_ step: RunHistory.Step, time: Date?) throws(Failure) {
    let report = step.report
    var scalars: [EventFile.Scalar] = [
      .init("train/loss", report.loss), .init("train/learning_rate", report.learningRate),
      .init("train/gradient_norm", report.gradientNorm),
      .init("train/tokens_per_second", report.tokensPerSecond),
    ]
    if let share = report.orderedShare { scalars.append(.init("train/pairs_in_order", share)) }
    if let deviation = report.scoreDeviation {
      scalars.append(.init("train/score_deviation", deviation))
    }
    try file.append(scalars, step: step.total, time: time ?? .now)
  }

  private func append(_ evaluation: RunHistory.Evaluation, time: Date?) throws(Failure) {
    var scalars: [EventFile.Scalar] = []
    for (order, values) in evaluation.orders.sorted(by: { $0.key < $1.key }) {
      for (measure, value) in values.sorted(by: { $0.key < $1.key }) {
        let name = order.replacing(" ", with: "_")
        scalars.append(.init("\(evaluation.split)/\(measure)/\(name)", value))
      }
    }
    try file.append(scalars, step: evaluation.total, time: time ?? .now)
  }
}
