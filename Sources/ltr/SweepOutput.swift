import Diagnostics
import Files
import Foundation
import JSON
import Ranking
import Recipes
import Reports
import Training

extension SweepReport {
  /// Writes results and report into the sweep's folder, links the chosen run, and prints them.
  func finish(in folder: SweepFolder, json: Bool) throws {
    try write(in: folder)
    for note in notes { Terminal.say("warning: \(note)") }
    if json { return try Terminal.write(try self.json(in: folder)) }
    try Terminal.write("\(measure) on dev, \(progress)\n")
    try Terminal.write(table(isBold: Terminal.isOutputWatched) + "\n")
    for line in findings { try Terminal.write(line + "\n") }
    if isComplete, chosen != nil { try Terminal.write("model: \(folder.chosen)/model\n") }
    try Terminal.write("report: \(folder.report)\n")
    if let verdict = test?.metrics.verdict { try Terminal.write(verdict.text + "\n") }
  }

  /// Writes results and report into the sweep's folder, and links the chosen run.
  func write(in folder: SweepFolder) throws {
    try writeAtomically(try self.json(in: folder).json(isPretty: true) + "\n", to: folder.results)
    try writeAtomically(try html(), to: folder.report)
    if isComplete, let chosen, let path = chosen.folder {
      let own = folder.run(chosen.name).path
      let target =
        path == own ? "runs/\(chosen.name)" : URL(filePath: path).standardizedFileURL.path
      try writeLink(at: folder.chosen, to: target)
    }
  }

  /// The results for scripts.
  private func json(in folder: SweepFolder) throws(Failure) -> JSONValue {
    var members: [String: JSONValue] = [
      "measure": .text(measure), "split": "dev", "keys": .list(keys.map(JSONValue.text)),
      "complete": .flag(isComplete), "base": base.map { .text(settings[$0].name) } ?? .null,
      "best": best.map { .text(settings[$0].name) } ?? .null,
      "settings": .list(ranking.map { json(of: $0) }), "notes": .list(notes.map(JSONValue.text)),
    ]
    members["chosen"] =
      isComplete
      ? chosen.map {
        [
          "run": .text($0.name), "order": .text($0.order),
          "model": .text(folder.chosen + "/model"),
        ]
      } ?? .null : .null
    if let test {
      var result: [String: JSONValue] = ["run": .text(test.run)]
      if let verdict = test.metrics.verdict { result["verdict"] = verdict.json }
      if let split = test.metrics.test {
        result["queries"] = .whole(split.queries)
        result["orders"] = .object(
          split.orders.mapValues { .object($0.mapValues(JSONValue.number)) })
      }
      members["test"] = .object(result)
    }
    return .object(members)
  }

  private func json(of place: Int) -> JSONValue {
    let setting = settings[place]
    func comparison(_ all: [SettingComparison?]) -> JSONValue {
      guard all.indices.contains(place), let found = all[place] else { return .null }
      return [
        "difference": .number(found.difference),
        "interval": [.number(found.interval.low), .number(found.interval.high)],
        "p": .number(found.p), "queries": .whole(found.queries), "wins": .whole(found.wins),
        "losses": .whole(found.losses),
      ]
    }
    return [
      "name": .text(setting.name),
      "values": .object(
        Dictionary(
          zip(keys, setting.values.map(JSONValue.text)), uniquingKeysWith: { first, _ in first })),
      "mean": setting.mean.map(JSONValue.number) ?? .null,
      "deviation": setting.deviation.map(JSONValue.number) ?? .null,
      "against_base": comparison(againstBase), "against_best": comparison(againstBest),
      "runs": .list(setting.runs.map(\.json)),
    ]
  }
}

extension SweepReport.Run {
  /// The run for scripts.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .text(name), "seed": .whole(Int(clamping: seed)),
      "folder": folder.map(JSONValue.text) ?? .null,
      "value": value.map(JSONValue.number) ?? .null, "order": value == nil ? .null : .text(order),
      "best_step": bestStep.map(JSONValue.whole) ?? .null,
      "steps": steps.map(JSONValue.whole) ?? .null,
      "seconds": seconds.map(JSONValue.number) ?? .null,
    ]
    switch state {
    case .finished: members["state"] = "finished"
    case .failed(let problem): (members["state"], members["error"]) = ("failed", .text(problem))
    case .unfinished: members["state"] = "unfinished"
    case .missing: members["state"] = "missing"
    }
    return .object(members)
  }
}
