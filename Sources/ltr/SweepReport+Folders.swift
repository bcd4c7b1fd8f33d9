import Diagnostics
import Files
import Foundation
import JSON
import Randomness
import Ranking
import Reports
import Training

extension SweepFolder {
  /// How far a run has come.
  func state(_ name: String) -> SweepReport.Run.State {
    let directory = run(name)
    let files = [directory.metrics, directory.scores]
    if files.allSatisfy({ fileKind(at: $0) == .file }), fileKind(at: directory.model) == .folder,
      let log = try? readFile(directory.log), RunHistory(log: log.array).end == .finished
    {
      return .finished
    }
    if let text = try? readFile(failure(name)) {
      let line = String(decoding: text.array, as: UTF8.self).prefix { $0 != "\n" }
      return .failed(String(line.trimmingPrefix("error: ")))
    }
    return fileKind(at: directory.path) == .folder ? .unfinished : .missing
  }
}

extension SweepReport {
  /// The results in the folders of a sweep, of which each may hold some of the runs.
  ///
  /// - Throws: `missingInput` if a folder holds no sweep; `badRecipe` if they hold different ones;
  ///   `badData` if a file of a finished run is damaged.
  init(_ folders: [SweepFolder]) throws(Failure) {
    var records: [SweepRecord] = []
    for folder in folders {
      guard folder.holdsSweep else {
        throw Failure(
          .missingInput, "the folder holds no sweep", at: Place(folder.path),
          expected: "settings.json and runs, as 'ltr sweep' writes them",
          remedy: "name the folder that the recipe calls 'output'")
      }
      let record = try SweepRecord(reading: folder.record)
      try record.require(records.first ?? record, in: folder)
      records.append(record)
    }
    let record = records[0]
    var data: [String: String] = [:]
    var settings: [Setting] = []
    for setting in record.settings {
      var runs: [Run] = []
      for seed in record.seeds {
        let name = "\(setting.name)-seed-\(seed)"
        var run = Run(name: name, seed: seed)
        let states = folders.map { $0.state(name) }
        if let place = states.firstIndex(of: .finished) {
          run = try Run(name, seed, folders[place].run(name), record.measure)
          data[Self.devData(folders[place].run(name))] = name
        } else {
          let failed = states.first { if case .failed = $0 { true } else { false } }
          run.state = failed ?? (states.contains(.unfinished) ? .unfinished : .missing)
        }
        runs.append(run)
      }
      settings.append(Setting(name: setting.name, values: setting.values, runs: runs))
    }
    self.init(
      name: folders[0].path, measure: record.measure, keys: record.keys, settings: settings,
      base: record.base)
    if data.count > 1 {
      notes.append(
        "the files of data.dev differ between runs (\(data.values.sorted().joined(separator: ", "))), "
          + "which are not comparable then")
    }
    let texts = try? readFile(folders[0].recipe)
    recipe = texts.map { String(decoding: $0.array, as: UTF8.self) }
    for folder in folders where fileKind(at: folder.test) == .file && test == nil {
      test = try JSONReader().decode(
        Test.self, from: try readFile(folder.test).array, name: folder.test)
    }
    if let test, let chosen, isComplete, test.run != chosen.name {
      notes.append(
        "test was measured for \(test.run), which dev had chosen before; it now chooses \(chosen.name), "
          + "for which test is not looked at again")
    }
    compare(generator: SplitMix64(seed: Self.seed))
  }

  /// The checksums of the dev split that a run was measured on.
  private static func devData(_ directory: RunDirectory) -> String {
    guard let bytes = try? readFile(directory.path + "/data.json"),
      let json = try? JSONValue(bytes.array, name: "")
    else { return "" }
    return ["dev.collection", "dev.documents", "dev.candidates"].compactMap { key in
      let entry = json[key]
      return (try? (entry?["files"] ?? entry?["sha256"])?.json()) ?? nil
    }.joined(separator: " ")
  }
}

extension SweepReport.Run {
  /// A finished run.
  fileprivate init(
    _ name: String, _ seed: UInt64, _ directory: RunDirectory, _ measure: String
  ) throws(Failure) {
    self.init(name: name, seed: seed, state: .finished)
    folder = directory.path
    let metrics = try JSONReader().decode(
      TrainingMetrics.self, from: try readFile(directory.metrics).array, name: directory.metrics)
    let history = RunHistory(log: try readFile(directory.log).array)
    (steps, bestStep, seconds) = (metrics.steps, metrics.bestStep, history.seconds)
    let (model, fused) = (RankingEvaluator.Order.model, RankingEvaluator.Order.fused)
    course = history.evaluations.compactMap { evaluation in
      evaluation.orders[model]?[measure].map { (evaluation.total, $0) }
    }
    // As the verdict chooses between them.
    if let orders = metrics.dev?.orders, let mixed = orders[fused]?[measure],
      mixed > orders[model]?[measure] ?? -.infinity
    {
      order = fused
    }
    let scores = try RunScores(reading: directory.scores)
    let found = try scores.evaluated(
      "dev", by: order, name: directory.path,
      .init(
        measures: [try Measure(parsing: measure)], isComplete: false, isJudgedOnly: false,
        depths: [])
    ).evaluation
    values = Dictionary(
      zip(found.queries, found.values[0]), uniquingKeysWith: { first, _ in first })
  }
}
