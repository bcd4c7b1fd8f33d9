import Foundation
import TestSupport
import Testing
import Training

import EventFiles

/// The event file of a run that was resumed.
@Suite struct TrainingEventsTests {
  private static let log = [
    #"{"event":"phase","lists":8,"phase":"training","steps":4,"time":"2026-01-01T00:00:00Z"}"#,
    step(1), step(2), step(3),
    #"{"best":true,"event":"evaluation","orders":{"model":{"RR":0.5}},"phase":"training","queries":2,"split":"dev","step":3}"#,
    #"{"event":"st"#,
  ].joined(separator: "\n")

  private static func step(_ number: Int) -> String {
    #"{"event":"step","phase":"training","step":\#(number),"steps":4,"epoch":0.5,"loss":\#(number),"#
      + #""learning_rate":0.1,"gradient_norm":2,"tokens_per_second":100}"#
  }

  private func text(_ folder: String) throws -> Data {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 1)
    return try Data(contentsOf: URL(filePath: folder + "/" + (names.first ?? "")))
  }

  private func count(_ word: String, in data: Data) -> Int {
    String(decoding: data, as: UTF8.self).components(separatedBy: word).count - 1
  }

  /// Of the three steps in the log, the third is superseded: it comes again, once, with its
  /// evaluation.
  @Test func everyStepIsThereOnce() throws {
    let directory = RunDirectory(try Material.temporaryFolder().path)
    let events = try TrainingEvents(directory, recipe: "loss: softmax\n")
    try events.add(log: Array(Self.log.utf8), upTo: 2)
    #expect(try count("train/loss", in: text(directory.events)) == 2)
    #expect(try count("dev/RR/model", in: text(directory.events)) == 0)
    try events.append(.resumed("c.h5", phase: "training", step: 2, totalSteps: 2))
    try events.append(.phase("training", lists: 8, steps: 4))
    var history = RunHistory(log: Self.log.utf8)
    #expect(history.damagedLines == 1)
    let third = try #require(history.takeEntries().steps.last).report
    try events.append(.step(third))
    try events.append(.note("no step"))
    let data = try text(directory.events)
    #expect(count("train/loss", in: data) == 3)
    #expect(count("loss: softmax", in: data) == 1)
    // The keys that the old log does not have are not written.
    #expect(count("train/pairs_in_order", in: data) == 0)
    // Field 2 of the third step's event is 3, the number of the step in all phases.
    let loss: [UInt8] = Array("train/loss".utf8) + [0x15, 0, 0, 0x40, 0x40]
    #expect(data.range(of: Data(loss)) != nil, "the loss 3 as a float")
  }
}
