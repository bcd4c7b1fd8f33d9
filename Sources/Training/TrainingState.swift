package import Diagnostics
import Foundation
import JSON
package import Lists
import ModelFiles
package import Models
import Persistence
import Tensors

/// The state of a training run: together with the recipe, enough to continue with the same bits.
package struct TrainingState: Sendable, Equatable, Codable {
  /// The current phase: 0 for the first.
  package var phase = 0
  /// The number of steps done in it.
  package var step = 0
  /// The number of steps done in all phases.
  package var totalSteps = 0
  /// The number of batches done in all phases, from which dropout derives its random numbers.
  package var totalBatches = 0
  /// The best value of the selecting measure so far, with its step.
  package var best: Best?
  /// The number of evaluations since the best.
  package var evaluationsSinceBest = 0
  /// The number of steps in the moving average of the weights; nil before its first step.
  package var averaged: Int?
  /// The evaluations so far.
  package var history: [Evaluated] = []

  /// The state at the start of a run.
  package init() {}

  package struct Best: Sendable, Equatable, Codable {
    package var value: Double
    package var totalSteps: Int
    /// The number of steps in the moving average that was evaluated; nil for the weights of a step.
    package var averaged: Int?
  }

  package struct Evaluated: Sendable, Equatable, Codable {
    package var phase: String
    package var totalSteps: Int
    package var value: Double
  }
}

/// Writes and reads checkpoints: HDF5 files with the model, the optimizer and the state of the run.
/// See Documentation/Formats.md.
package struct TrainingCheckpoint {
  private static let first = "/optimizer/m/"
  private static let second = "/optimizer/v/"
  private static let average = "/average/"
  static let stepKey = "/step"
  static let recipeKey = "/recipe"
  static let seedKey = "/seed"
  static let workersKey = "/workers"
  static let precisionKey = "/precision"
  static let sliceKey = "/slice_tokens"
  private static let stateKey = "/state"
  private static let roundKey = "/candidates/round"
  private static let scoresKey = "/candidates/scores"

  /// Writes a checkpoint atomically.
  package static func write(
    _ path: String, _ step: TrainingStep<some RankingModel>, _ state: TrainingState, recipe: String,
    seed: UInt64,
    remining: Remining? = nil
  ) throws(Failure) {
    var writer = try CheckpointWriter(path)
    try ModelCheckpoint.put(
      step.model.parameters, files: step.model.files, into: &writer)
    let table = step.model.parameters.table
    for entry in table.entries where !entry.isFixed {
      for (folder, moments) in [(first, step.optimizer.first), (second, step.optimizer.second)] {
        try moments.floats[entry.parameter.range].withSpan { (span) throws(Failure) in
          try writer.put(folder + entry.name, span, shape: entry.parameter.shape.array)
        }
      }
    }
    if state.averaged != nil, let average = step.average {
      for entry in average.entries {
        try average.values.floats[entry.parameter.range].withSpan { (span) throws(Failure) in
          try writer.put(Self.average + entry.name, span, shape: entry.parameter.shape.array)
        }
      }
    }
    try writer.put(stepKey, Int64(state.totalSteps))
    try writer.put("/phase", Int64(state.phase))
    try writer.put("/phase_step", Int64(state.step))
    if let best = state.best { try writer.put("/best_score", best.value) }
    try writer.put(seedKey, seed)
    try writer.put(workersKey, Int64(step.workerCount))
    try writer.put(precisionKey, step.precision.rawValue)
    try writer.put(sliceKey, Int64(step.sliceTokens ?? 0))
    try writer.put(recipeKey, recipe)
    if let remining, remining.round > 0 {
      try writer.put(roundKey, Int64(remining.round))
      try writer.put(scoresKey, remining.scores.span, shape: [remining.scores.count])
    }
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      try writer.put(stateKey, String(decoding: try encoder.encode(state), as: UTF8.self))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.software, "the state cannot be encoded: \(error)", at: Place(path))
    }
    try writer.finish()
  }

  /// Writes only the model, with the number of its training steps if given, and with the averages
  /// that it is made of in its notes.
  package static func write(
    model: some RankingModel, step: Int? = nil, average: AveragedWeights? = nil, to path: String
  ) throws(Failure) {
    var files = model.files
    if let average {
      let name = ModelNotes.fileName
      var notes = try files[name].map { json throws(Failure) in
        try ModelNotes(json: json, name: name)
      }
      notes = notes ?? ModelNotes()
      notes?.average = average.json
      files[name] = try notes.map { notes throws(Failure) in Array(try notes.json().utf8) }
    }
    var writer = try CheckpointWriter(path)
    try ModelCheckpoint.put(model.parameters, files: files, into: &writer)
    if let step { try writer.put(stepKey, Int64(step)) }
    try writer.finish()
  }

  /// Restores model and optimizer and returns the state of the run.
  ///
  /// - Throws: `Failure` if the file is damaged, or belongs to a different recipe or model.
  package static func read(
    _ path: String, into step: TrainingStep<some RankingModel>, recipe: String
  ) throws(Failure) -> TrainingState {
    let reader = try CheckpointReader(path)
    try require(try reader.text(recipeKey), recipe, path)
    try ModelCheckpoint.requireBase(of: step.model.files, reader)
    try ModelCheckpoint.read(reader, into: step.model.parameters)
    for entry in step.model.parameters.table.entries where !entry.isFixed {
      for (folder, moments) in [(first, step.optimizer.first), (second, step.optimizer.second)] {
        try moments.floats[entry.parameter.range].withMutableSpan { (span) throws(Failure) in
          try reader.read(folder + entry.name, into: &span)
        }
      }
    }
    let state = try state(reader)
    if state.averaged != nil, let average = step.average {
      for entry in average.entries {
        try average.values.floats[entry.parameter.range].withMutableSpan {
          (span) throws(Failure) in try reader.read(Self.average + entry.name, into: &span)
        }
      }
    }
    return state
  }

  /// Rejects a recipe that differs from the one in a checkpoint.
  static func require(_ written: String, _ recipe: String, _ path: String) throws(Failure) {
    guard written == recipe else {
      throw Failure(
        .badRecipe, "the checkpoint was written with a different recipe", at: Place(path),
        expected: difference(written, recipe),
        remedy: "resume with the recipe of the run, or start a new run in another output folder")
    }
  }

  private static func state(_ reader: borrowing CheckpointReader) throws(Failure) -> TrainingState {
    let text = try reader.text(stateKey)
    do {
      return try JSONReader().decode(TrainingState.self, from: Array(text.utf8))
    } catch {
      throw Failure(
        .badData, "the state of the run cannot be read", at: Place(reader.path, key: stateKey))
    }
  }

  /// Verifies a checkpoint and returns the state of its run, and its recipe.
  ///
  /// - Throws: `badData` if it is damaged, or is not a checkpoint of a training run.
  package static func verify(
    _ path: String
  ) throws(Failure) -> (state: TrainingState, recipe: String) {
    let reader = try CheckpointReader(path)
    try reader.verify()
    let state = try state(reader)
    for key in [recipeKey, seedKey, workersKey, precisionKey, sliceKey] {
      guard reader.entry(key) == nil else { continue }
      throw Failure(.badData, "the checkpoint is damaged: '\(key)' is missing", at: Place(path))
    }
    func entries(under folder: String) -> [String: [Int]] {
      var found: [String: [Int]] = [:]
      for entry in reader.entries where entry.path.hasPrefix(folder) {
        found[String(entry.path.dropFirst(folder.count))] = entry.shape
      }
      return found
    }
    let weights = entries(under: ModelCheckpoint.weights)
    guard !weights.isEmpty, [first, second].allSatisfy({ entries(under: $0) == weights }) else {
      throw Failure(
        .badData, "the checkpoint is damaged: weights and averages of gradients do not match",
        at: Place(path))
    }
    if state.averaged != nil {
      let averages = entries(under: average)
      guard !averages.isEmpty, averages.allSatisfy({ weights[$0.key] == $0.value }) else {
        throw Failure(
          .badData, "the checkpoint is damaged: weights and their moving average do not match",
          at: Place(path))
      }
    }
    return (state, try reader.text(recipeKey))
  }

  /// Verifies a file of only the model and returns its step, if the file contains it.
  ///
  /// - Throws: `badData` if it is damaged.
  package static func verifyModel(_ path: String) throws(Failure) -> Int? {
    let reader = try CheckpointReader(path)
    try reader.verify()
    guard reader.entry(stepKey) != nil else { return nil }
    return Int(try reader.number(stepKey, as: Int64.self))
  }

  /// Restores the model's scores of the training candidates from their last refresh.
  ///
  /// - Throws: `badData` if the scores are those of different candidates.
  package static func readCandidates(
    _ path: String, into remining: Remining
  ) throws(Failure) {
    let reader = try CheckpointReader(path)
    guard reader.entry(roundKey) != nil else { return }
    let scores = try reader.numbers(scoresKey, as: Float.self)
    guard scores.count == remining.pairs.count else {
      throw Failure(
        .badData, "the checkpoint has scores of \(scores.count) candidates",
        at: Place(path, key: scoresKey),
        expected: "\(remining.pairs.count) candidates, as in the training data",
        remedy: "resume with the data of the run, or start a new run in another output folder")
    }
    remining.begin(round: Int(try reader.number(roundKey, as: Int64.self)), scores: scores)
  }

  /// Copies the weights of a file into the model.
  package static func readModel(
    _ path: String, into model: some RankingModel
  ) throws(Failure) {
    try ModelCheckpoint.read(try CheckpointReader(path), into: model.parameters)
  }

  /// The number of workers of the run, the precision of its matrix products, and the tokens per slice
  /// if its steps used slices, else 0.
  package static func settings(
    _ path: String
  ) throws(Failure) -> (workers: Int, precision: String, sliceTokens: Int) {
    let reader = try CheckpointReader(path)
    return (
      Int(try reader.number(workersKey, as: Int64.self)), try reader.text(precisionKey),
      Int(try reader.number(sliceKey, as: Int64.self))
    )
  }

  /// The first line in which two recipes differ.
  private static func difference(_ old: String, _ new: String) -> String {
    let (a, b) = (old.split(separator: "\n"), new.split(separator: "\n"))
    for i in 0..<max(a.count, b.count) {
      let (x, y) = (i < a.count ? a[i] : "nothing", i < b.count ? b[i] : "nothing")
      if x != y {
        return "line \(i + 1): '\(x.drop { $0 == " " })', not '\(y.drop { $0 == " " })'"
      }
    }
    return "the same recipe"
  }
}
