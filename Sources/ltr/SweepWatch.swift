import Diagnostics
import Files
import Foundation
import Reports
import Tables
import Training

/// Follows a sweep that other processes train: the run under way as `ltr watch` shows it, and how many
/// have ended.
struct SweepWatch {
  /// A run under way.
  private struct Followed {
    var log: FollowedLog
    var history = RunHistory()
    var view: LiveView
    /// Whether an evaluation has been read since the last line.
    var isTold = false

    mutating func read() throws(Failure) {
      for line in try log.newLines() {
        history.add(line: line)
        isTold = isTold || history.evaluations.last != nil
        view.follow(&history)
      }
    }
  }

  private let folder: SweepFolder
  private var progress: SweepProgress
  private var followed: [String: Followed] = [:]
  private var block = LiveBlock()
  private let redraws = Terminal.canRedraw(STDOUT_FILENO)
  private var lastLine = ContinuousClock.now
  /// When a process was last seen to train.
  private var lastHeld = ContinuousClock.now

  /// The time in which a process goes from one run to the next.
  private static let patience = 5.0

  init(_ folder: SweepFolder) throws(Failure) {
    self.folder = folder
    progress = try SweepProgress(folder)
  }

  /// Prints the table of runs once.
  func showOnce() throws(Failure) {
    try Terminal.write(progress.text(isBold: Terminal.isOutputWatched))
    try Terminal.write(
      (progress.report.isComplete ? "finished" : progress.isHeld ? "running" : "not running")
        + "\n")
  }

  /// Follows the sweep to its end.
  ///
  /// - Throws: `unavailable` if no process trains it any more.
  mutating func follow() throws(Failure) {
    while !progress.report.isComplete {
      try update()
      try show()
      if ContinuousClock.now - lastHeld > .seconds(Self.patience) {
        if redraws { try Terminal.write("\n") }
        throw Failure(
          .unavailable, "no process trains the sweep, of which \(progress.report.progress)",
          at: Place(folder.path), expected: "a sweep that goes on, or that has ended",
          remedy: "continue it with 'ltr sweep RECIPE --resume'")
      }
      Thread.sleep(forTimeInterval: 0.5)
    }
    if redraws { try Terminal.write(block.clearing()) }
    try Terminal.write(progress.text(isBold: Terminal.isOutputWatched) + "finished\n")
  }

  /// Reads what is new. Runs that have ended are read again only when another one has.
  private mutating func update() throws(Failure) {
    let open = progress.rows.filter { $0.run.state != .finished }.map(\.run)
    let held = open.filter { folder.isHeld($0.name) }.map(\.name)
    if !held.isEmpty { lastHeld = .now }
    if open.contains(where: { folder.state($0.name) != $0.state }) {
      let before = progress
      progress = try SweepProgress(folder)
      if !redraws { try tell(since: before) }
    }
    followed = followed.filter { held.contains($0.key) }
    for name in held {
      let path = folder.run(name).log
      guard fileKind(at: path) == .file else { continue }
      var run =
        followed[name]
        ?? Followed(log: FollowedLog(path), view: LiveView(measure: progress.report.measure))
      try run.read()
      followed[name] = run
    }
  }

  /// A line for each run that has ended.
  private func tell(since before: SweepProgress) throws(Failure) {
    for (old, new) in zip(before.rows, progress.rows) where old.run.state != new.run.state {
      switch new.run.state {
      case .finished, .failed: try Terminal.write(new.line(progress.report) + "\n")
      case .unfinished, .missing: continue
      }
    }
  }

  private mutating func show() throws(Failure) {
    let runs = followed.sorted { $0.key < $1.key }
    if redraws {
      var lines = [progress.report.progress]
      for (name, run) in runs {
        lines.append(name)
        lines += run.view.lines(Terminal.look(STDOUT_FILENO))
      }
      return try Terminal.write(block.redrawing(lines))
    }
    let isDue = ContinuousClock.now - lastLine > .seconds(30)
    for (name, run) in runs where run.isTold || isDue {
      guard let line = run.view.line else { continue }
      try Terminal.write("\(name)  \(line)\n")
      followed[name]?.isTold = false
      lastLine = .now
    }
  }
}

extension SweepProgress.Row {
  /// A line about a run that has ended.
  fileprivate func line(_ report: SweepReport) -> String {
    let result = run.value.map { "\(report.measure) \(fixed($0, 4))" } ?? state
    return "\(run.name) ended: \(result); \(report.progress)"
  }
}
