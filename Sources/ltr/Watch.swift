import ArgumentParser
import Diagnostics
import Files
import Foundation
import Recipes
import Training

/// `ltr watch`.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the state of a training run or a sweep that another process computes.",
    discussion: """
      Reads the log in the run's folder: loss, rate, time left, and the measures on dev against the \
      first stage. On a terminal the lines are drawn again in place; elsewhere a line is printed at \
      each evaluation and now and then between. It ends when the run ends, with exit code 0; a run \
      that ended without a word, such as one that was killed, ends it with exit code 69. Of a sweep \
      the runs under way are shown, and how many have ended.
      """)

  @Argument(help: ArgumentHelp("The folder of the run or sweep.", valueName: "run"))
  var path: String

  @Flag(help: "Print the state once and end.")
  var once = false

  func run() throws {
    if SweepFolder(path).isRecognised {
      var sweep = try SweepWatch(SweepFolder(path))
      if once { return try sweep.showOnce() }
      return try sweep.follow()
    }
    let directory = RunDirectory(path)
    guard fileKind(at: directory.log) == .file else {
      throw Failure(
        .missingInput, "the folder holds no log of a run", at: Place(directory.log),
        expected: "the folder that a recipe calls 'output', in which training has begun",
        remedy: "start the run first, or name its folder")
    }
    var log = FollowedLog(directory.log)
    var history = RunHistory()
    let recipe = try? TrainingRecipe(reading: directory.recipe, overrides: [], output: nil)
    var view = LiveView(measure: recipe?.evaluation.select.description)
    var block = LiveBlock()
    let redraws = !once && Terminal.canRedraw(STDOUT_FILENO)
    var lastLine = ContinuousClock.now - .seconds(60)
    while true {
      // Asked before the lines are read: a run that ends between writes its last line first.
      let isHeld = log.isHeld
      var isTold = false
      for line in try log.newLines() {
        history.add(line: line)
        isTold = isTold || history.evaluations.last != nil
        view.follow(&history)
      }
      if once || redraws {
        let lines = view.lines(Terminal.look(STDOUT_FILENO))
        let text = lines.isEmpty ? ["no step yet"] : lines
        try Terminal.write(
          once ? text.joined(separator: "\n") + "\n" : block.redrawing(text))
      } else if isTold || ContinuousClock.now - lastLine > .seconds(30), let line = view.line {
        try Terminal.write(line + "\n")
        lastLine = .now
      }
      if once { return try Terminal.write(Self.state(history, isHeld: isHeld) + "\n") }
      if let end = history.end ?? Self.oldEnd(directory, isHeld: isHeld) {
        try Terminal.write((redraws ? "\n" : "") + Self.word(end, history) + "\n")
        return
      }
      if !isHeld {
        if redraws { try Terminal.write("\n") }
        throw Failure(
          .unavailable, "no process computes the run any more, and its log has no end",
          at: Place(directory.log), expected: "a run that goes on, or that ended by itself",
          remedy: "continue it with 'ltr train RECIPE --resume'")
      }
      Thread.sleep(forTimeInterval: 0.5)
    }
  }

  /// The end of a run whose log, of an earlier version, does not tell it.
  private static func oldEnd(_ directory: RunDirectory, isHeld: Bool) -> RunHistory.End? {
    !isHeld && fileKind(at: directory.metrics) == .file ? .finished : nil
  }

  private static func word(_ end: RunHistory.End, _ history: RunHistory) -> String {
    switch end {
    case .finished: "finished"
    case .interrupted: "interrupted; --resume continues the run"
    }
  }

  private static func state(_ history: RunHistory, isHeld: Bool) -> String {
    if let end = history.end { return word(end, history) }
    return isHeld ? "running" : "not running"
  }
}

/// A log that grows: its new lines, and whether a process still writes it.
struct FollowedLog {
  private let path: String
  private var place: UInt64 = 0
  private var rest: [UInt8] = []

  /// Follows the log at a path from its start.
  init(_ path: String) { self.path = path }

  /// Whether a process holds the log open for writing.
  var isHeld: Bool { RunLog.isHeld(path) }

  /// The whole lines since the last call. A log that became shorter, of a run that replaced the
  /// first one, is read from its start.
  ///
  /// - Throws: `missingInput` if it cannot be read.
  mutating func newLines() throws(Failure) -> [[UInt8]] {
    let data: Data
    do {
      guard let handle = FileHandle(forReadingAtPath: path) else {
        throw CocoaError(.fileNoSuchFile)
      }
      defer { try? handle.close() }
      if try handle.seekToEnd() < place { (place, rest) = (0, []) }
      try handle.seek(toOffset: place)
      data = try handle.readToEnd() ?? Data()
    } catch {
      throw Failure(.missingInput, "the log cannot be read", at: Place(path))
    }
    place += UInt64(data.count)
    rest += data
    guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let lines = rest[..<end].split(separator: UInt8(ascii: "\n")).map(Array.init)
    rest.removeFirst(end + 1)
    return lines
  }
}
