import Autodiff
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Options
import Ranking
import TestSupport
import Testing
import Training

@Suite struct TrainingCheckpointTests {
  private let recipe = "model:\n  base: here\nseed: 7\n"

  private func folder() throws -> String {
    try TestSupport.Material.temporaryFolder().path(percentEncoded: false)
  }

  /// A model after three steps, and where its run stands.
  private func trained() throws -> (TrainingStep<CrossEncoder>, TrainingState) {
    let training = try TinyTraining()
    _ = try training.trained(steps: 0, workers: 1)
    let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
    for i in 0..<3 {
      _ = step.accumulate(training.batch(0..<4, workers: 2), try Loss("softmax"), dropout: nil)
      _ = step.apply(count: i + 1, rate: 1e-3)
    }
    var state = TrainingState()
    (state.phase, state.step, state.totalSteps, state.totalBatches) = (1, 3, 8, 11)
    state.evaluationsSinceBest = 2
    return (step, state)
  }

  @Test func roundTrip() throws {
    let (step, state) = try trained()
    let path = try folder() + "/c.h5"
    try TrainingCheckpoint.write(path, step, state, recipe: recipe, seed: .max)
    #expect(try TrainingCheckpoint.settings(path).workers == 2)

    let fresh = TrainingStep(try TinyTraining().model, AdamWOptions(), StepOptions(workers: 1))
    #expect(fresh.model.parameters.values.array != step.model.parameters.values.array)
    #expect(try TrainingCheckpoint.read(path, into: fresh, recipe: recipe) == state)
    #expect(fresh.model.parameters.values.array == step.model.parameters.values.array)
    #expect(fresh.optimizer.first.array == step.optimizer.first.array)
    #expect(fresh.optimizer.second.array == step.optimizer.second.array)
    #expect(fresh.optimizer.second.array.contains { $0 != 0 })

    // A checkpoint is a model, complete with configuration and tokenizer.
    let model = try CrossEncoder(ModelSource(path), seed: 9)
    #expect(model.parameters.values.array == step.model.parameters.values.array)
    #expect(model.tokenizer.tokenize("aa ab") == step.model.tokenizer.tokenize("aa ab"))
    #expect(model.notices.isEmpty)
  }

  @Test func otherRecipe() throws {
    let (step, state) = try trained()
    let path = try folder() + "/c.h5"
    try TrainingCheckpoint.write(path, step, state, recipe: recipe, seed: 1)
    let before = step.model.parameters.values.array
    for (other, difference) in [
      ("model:\n  base: there\nseed: 7\n", "line 2: 'base: here', not 'base: there'"),
      ("model:\n  base: here\n", "line 3: 'seed: 7', not 'nothing'"),
    ] {
      let failure = #expect(throws: Failure.self) {
        try TrainingCheckpoint.read(path, into: step, recipe: other)
      }
      #expect(
        failure?.description == """
          error: the checkpoint was written with a different recipe
            at: \(path)
            expected: \(difference)
            to do: resume with the recipe of the run, or start a new run in another output folder
          """)
    }
    #expect(step.model.parameters.values.array == before)
  }

  @Test func otherModel() throws {
    let (step, state) = try trained()
    let path = try folder() + "/c.h5"
    try TrainingCheckpoint.write(path, step, state, recipe: recipe, seed: 1)
    let small = try CrossEncoder(ModelSource(TinyModel(width: 16).written()), seed: 1)
    let other = TrainingStep(small, AdamWOptions(), StepOptions(workers: 1))
    #expect(throws: Failure.self) { try TrainingCheckpoint.read(path, into: other, recipe: recipe) }
  }

  @Test func damage() throws {
    let (step, state) = try trained()
    let folder = try folder()
    try TrainingCheckpoint.write(folder + "/c.h5", step, state, recipe: recipe, seed: 1)
    var bytes = try Data(contentsOf: URL(filePath: folder + "/c.h5"))
    bytes[bytes.count / 2] ^= 0x10
    try bytes.write(to: URL(filePath: folder + "/bad.h5"))
    try bytes.prefix(bytes.count / 3).write(to: URL(filePath: folder + "/short.h5"))
    for name in ["bad.h5", "short.h5", "none.h5"] {
      #expect(throws: Failure.self, "\(name)") {
        try TrainingCheckpoint.read(folder + "/" + name, into: step, recipe: recipe)
      }
    }
  }

  /// A checkpoint of the model alone, and a model source that finds it.
  @Test func modelAlone() throws {
    let (step, _) = try trained()
    let path = try folder() + "/best.h5"
    try TrainingCheckpoint.write(model: step.model, to: path)
    let fresh = try TinyTraining().model
    try TrainingCheckpoint.readModel(path, into: fresh)
    #expect(fresh.parameters.values.array == step.model.parameters.values.array)
  }
}

@Suite struct RunDirectoryTests {
  private func run() throws -> RunDirectory {
    RunDirectory(
      try TestSupport.Material.temporaryFolder().appending(path: "run").path(percentEncoded: false))
  }

  private func write(_ path: String) throws {
    try Data("x".utf8).write(to: URL(filePath: path))
  }

  @Test func newAndEmptyFolders() throws {
    let run = try run()
    try run.create(overwrite: false)
    #expect(run.newestCheckpoint == nil)
    for step in [5, 100, 20] { try write(run.checkpoint(step: step)) }
    try write(run.best)
    #expect(run.newestCheckpoint == run.checkpoints + "/step-00000100.h5")
    #expect(run.existingCheckpoints().count == 3)
    let empty = RunDirectory(
      try TestSupport.Material.temporaryFolder().path(percentEncoded: false))
    try empty.create(overwrite: false)
    #expect(FileManager.default.fileExists(atPath: empty.checkpoints))
  }

  @Test func occupiedFolders() throws {
    let run = try run()
    try run.create(overwrite: false)
    try write(run.log)
    try write(run.recipe)
    let failure = #expect(throws: Failure.self) { try run.create(overwrite: false) }
    #expect(
      failure?.description == """
        error: the folder already holds a run
          at: \(run.path)
          to do: choose another folder, give --overwrite, or give --resume to continue the run
        """)
    #expect(failure?.kind == .cannotCreate)
    #expect(FileManager.default.fileExists(atPath: run.log))
    try run.create(overwrite: true)
    #expect(!FileManager.default.fileExists(atPath: run.log))
  }

  /// What no run wrote is never removed.
  @Test func foreignFiles() throws {
    let run = try run()
    try run.create(overwrite: false)
    try write(run.log)
    try write(run.path + "/thesis.txt")
    let failure = #expect(throws: Failure.self) { try run.create(overwrite: true) }
    #expect(
      failure?.description == """
        error: the folder holds files that do not belong to a run
          at: \(run.path)
          to do: choose another folder
        """)
    #expect(FileManager.default.fileExists(atPath: run.log))
    // In the folder of a run a foreign file is left alone.
    try write(run.recipe)
    try run.create(overwrite: true)
    #expect(!FileManager.default.fileExists(atPath: run.log))
    #expect(FileManager.default.fileExists(atPath: run.path + "/thesis.txt"))
    try write(run.log)
    let file = RunDirectory(run.log)
    #expect(throws: Failure.self) { try file.create(overwrite: true) }
    #expect(FileManager.default.fileExists(atPath: run.log))
  }
}
