import Diagnostics
import Foundation
import TestSupport
import Testing

import Training

/// The course of a run from its log.
@Suite struct RunHistoryTests {
  private func step(_ step: Int, phase: String = "training", loss: Double = 1) -> String {
    #"{"event":"step","phase":"\#(phase)","step":\#(step),"steps":3,"loss":\#(loss),"#
      + #""time":"2026-01-01T00:00:0\#(step)Z"}"#
  }

  private func phase(_ name: String) -> String {
    #"{"event":"phase","phase":"\#(name)","lists":4,"steps":3,"time":"2026-01-01T00:00:00Z"}"#
  }

  private func history(_ lines: [String]) -> RunHistory {
    RunHistory(log: lines.joined(separator: "\n").utf8)
  }

  /// The steps of a second phase come after those of the first; a resumption supersedes those after
  /// its checkpoint, and announces its phase once more.
  @Test func stepsOfPhasesAndResumption() {
    let history = history([
      phase("warm-up"), step(1, phase: "warm-up"), step(2, phase: "warm-up"),
      step(3, phase: "warm-up"), phase("training"), step(1), step(2, loss: 9),
      #"{"event":"evaluation","split":"dev","phase":"training","step":2,"orders":{}}"#,
      #"{"event":"resume","path":"c.h5","phase":"training","step":1,"total_steps":4}"#,
      phase("training"), step(2, loss: 5), step(3),
      #"{"event":"end","reason":"finished"}"#,
    ])
    #expect(history.steps.map(\.total) == [1, 2, 3, 4, 5, 6])
    #expect(history.steps[4].report.loss == 5)
    #expect(history.evaluations.isEmpty)
    #expect(history.phases.map(\.name) == ["warm-up", "training"])
    #expect(history.phases.map(\.start) == [0, 3])
    #expect(history.resumptions == 1 && history.end == .finished)
  }

  /// A run that resumed after an end goes on.
  @Test func endIsForgottenWhenTheRunGoesOn() {
    var history = history([phase("training"), #"{"event":"end","reason":"interrupted"}"#])
    #expect(history.end == .interrupted)
    history.add(line: Array(step(1).utf8))
    #expect(history.end == nil)
  }

  /// Lines that a crash or a later version left are no error.
  @Test func damagedAndUnknownLines() {
    let history = history([
      phase("training"), step(1), #"{"event":"st"#, "", "nothing", #"{"event":"new","x":1}"#,
      #"{"event":"step"}"#, #"{"event":"warning","text":"a"}"#, #"{"event":"warning","text":"a"}"#,
    ])
    #expect(history.damagedLines == 2)
    #expect(history.steps.count == 1 && history.messages.count == 1)
    #expect(history.steps[0].report.orderedShare == nil)
  }

  /// The log of a machine and a step as it is written is read back.
  @Test func whatIsWrittenIsRead() throws {
    let path = try Material.temporaryFolder().path + "/log.jsonl"
    let log = try RunLog(path)
    let machine = Machine(
      processor: "A \"processor\"", cores: 2, memory: 1 << 33, system: "s", program: "1.2.3")
    try log.append(machine)
    try log.append(.phase("training", lists: 4, steps: 3))
    let report = StepReport(
      phase: "training", step: 1, steps: 3, epoch: 0.25, loss: 0.5, learningRate: 1e-4,
      gradientNorm: 2, tokensPerSecond: 100, secondsLeft: 7, pairsPerSecond: 12.5,
      orderedShare: 0.75, scoreDeviation: 0.125)
    try log.append(.step(report))
    #expect(RunLog.isHeld(path))
    try log.append(.finished)
    let history = RunHistory(log: try Data(contentsOf: URL(filePath: path)))
    #expect(history.machine == machine)
    #expect(history.steps.map(\.report) == [report])
    #expect(history.end == .finished && history.damagedLines == 0)
  }

  @Test func lockOfALogEndsWithIt() throws {
    let path = try Material.temporaryFolder().path + "/log.jsonl"
    do {
      let log = try RunLog(path)
      withExtendedLifetime(log) { #expect(RunLog.isHeld(path)) }
    }
    #expect(!RunLog.isHeld(path))
    #expect(!RunLog.isHeld(path + ".missing"))
  }

  /// A run has one process: another would write into its log, and replace its checkpoints.
  @Test func runsOfOtherProcessesAreLeftAlone() throws {
    let directory = RunDirectory(try Material.temporaryFolder().path)
    do {
      let log = try RunLog(directory.log)
      withExtendedLifetime(log) {
        let second = #expect(throws: Failure.self) { try RunLog(directory.log) }
        #expect(second?.kind == .cannotCreate)
        #expect(second?.problem.contains("another process") == true)
        #expect(throws: Failure.self) { try directory.check(overwrite: true) }
        #expect(throws: Failure.self) { try directory.resumption() }
      }
    }
    // What only asks whether a run goes on keeps nobody out.
    #expect(!RunLog.isHeld(directory.log))
    _ = try RunLog(directory.log)
  }

  /// Numbers that no run has do not end the program that reads them.
  @Test func absurdNumbers() throws {
    let huge = "\(Int.max)"
    let log = [
      #"{"event":"phase","phase":"training","lists":4,"steps":3}"#,
      #"{"event":"resume","phase":"training","step":-9,"total_steps":\#(huge)}"#,
      #"{"event":"step","phase":"training","step":\#(huge),"steps":\#(huge),"loss":1,"#
        + #""tokens_per_second":1e300,"pairs_per_second":-1e300,"seconds_left":1e300}"#,
      #"{"event":"evaluation","split":"dev","phase":"training","step":\#(huge),"orders":{}}"#,
    ]
    let history = RunHistory(log: Data(log.joined(separator: "\n").utf8))
    let report = try #require(history.steps.last?.report)
    #expect(report.step == 0 && report.tokensPerSecond == 0 && report.pairsPerSecond == 0)
    #expect(history.damagedLines == 0)
  }

  @Test func thisMachine() {
    let machine = Machine.current(program: "1.0.0")
    #expect(machine.cores > 0 && machine.memory > 1 << 20 && machine.program == "1.0.0")
  }
}
