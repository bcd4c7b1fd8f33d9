import Diagnostics
import EventFiles
import Export
import Files
import Reports
import Training

/// What a run writes while it goes on and at its end, apart from models and checkpoints: the log, the
/// event file, the scores and the report.
final class RunWriter {
  private let log: RunLog
  private let events: TrainingEvents
  /// The first failure of writing, after which training should end.
  private(set) var failure: Failure?

  /// Opens the log, and writes the event file from what a resumed run has in it.
  ///
  /// - Parameters:
  ///   - resumedAt: the number of steps after which the run resumes; nil for a new run.
  ///   - told: the events before training.
  init(
    _ directory: RunDirectory, recipe: String, resumedAt step: Int?, told: [TrainingEvent]
  ) throws(Failure) {
    log = try RunLog(directory.log)
    events = try TrainingEvents(directory, recipe: recipe)
    if let step { try events.add(log: try readFile(directory.log).array, upTo: step) }
    try log.append(Machine.current(program: Program.version))
    for event in told { try log.append(event) }
  }

  /// Appends an event to log and event file; a failure is kept for `failure`.
  func append(_ event: TrainingEvent) {
    do throws(Failure) {
      try log.append(event)
      try events.append(event)
    } catch {
      failure = failure ?? error
    }
  }

  /// Appends the end of the run.
  func end(_ end: RunHistory.End) throws(Failure) { try log.append(end) }

  /// Writes scores and report, and ends the run. The model is written by now: what fails here is a
  /// warning.
  func finish(_ scores: RunScores, _ directory: RunDirectory) {
    func attempt(_ what: String, _ body: () throws(Failure) -> Void) {
      do throws(Failure) { try body() } catch {
        Terminal.say("warning: \(what) could not be written: \(error.problem)")
      }
    }
    if !scores.queries.isEmpty {
      attempt("the scores") { () throws(Failure) in try scores.write(to: directory.scores) }
    }
    attempt("the end of the log") { () throws(Failure) in try log.append(.finished) }
    attempt("the report") { () throws(Failure) in
      try writeAtomically(try RunReport(of: directory).html(), to: directory.report)
    }
  }
}

extension RunScores {
  /// The scores of a run at its end.
  init(
    _ outcome: TrainingOutcome, _ plan: TrainingPlan, latencies: [RunScores.Latency], workers: Int
  ) {
    self.init(
      measures: (outcome.test ?? outcome.dev)?.measures ?? [],
      selectedBy: plan.select.description, relevantFrom: plan.lists.minimumGrade,
      queries: outcome.scores, latencies: latencies, workers: workers)
  }
}
