import Diagnostics
import Files
import Foundation
import Options
import Recipes
import Reports
import Training

/// Trains the runs of a sweep one after the other.
struct SweepTraining {
  private let plan: SweepPlan
  private let folder: SweepFolder
  private let shard: SweepShard
  private let retriesFailed: Bool
  private var candidates = SearchedCandidates()
  private let memory: EmbeddingMemory
  /// The folder of what first stages without an index find.
  private let found: String
  /// How the note begins of a run that was left out.
  static let leftOut = "left out"
  /// Asked before a run begins: why it is left out; nil if it is not.
  var leavesOut: (SweepPlan.Run) throws -> String? = { _ in nil }
  /// Whether the inputs of a run could be read, so that those of the others probably can as well.
  private var hasReadInputs = false
  /// The runs that other processes are training.
  private(set) var held: [String] = []

  /// The part of a sweep that a process trains.
  ///
  /// - Parameters:
  ///   - retriesFailed: whether runs that ended with an error are trained again.
  ///   - found: the folder of what first stages without an index find; nil for the sweep's.
  ///   - memory: has the embeddings of the runs before.
  init(
    _ plan: SweepPlan, in folder: SweepFolder, _ shard: SweepShard, retriesFailed: Bool,
    found: String? = nil, memory: EmbeddingMemory = EmbeddingMemory()
  ) {
    (self.plan, self.folder, self.shard) = (plan, folder, shard)
    (self.found, self.memory) = (found ?? folder.path, memory)
    self.retriesFailed = retriesFailed
  }

  /// Trains what is not finished.
  ///
  /// - Returns: false if it was interrupted.
  /// - Throws: errors that concern all runs. What concerns the values of one run, such as a learning
  ///   rate at which the loss overflows, is noted in the folder.
  mutating func run() throws -> Bool {
    let own = plan.runs.enumerated().filter { shard.contains($0.offset) }.map(\.element)
    let started = ContinuousClock.now
    var trained = 0
    for (place, run) in own.enumerated() {
      if Interruption.isRequested { return false }
      let title = "run \(place + 1) of \(own.count), \(run.name)"
      guard let lock = try folder.lock(run.name) else {
        Terminal.say("\(title): another process is training it")
        held.append(run.name)
        continue
      }
      defer { withExtendedLifetime(lock) {} }
      switch folder.state(run.name) {
      case .finished:
        Terminal.say("\(title): finished before")
        continue
      case .failed(let problem) where problem.hasPrefix(Self.leftOut):
        Terminal.say("\(title): \(problem)")
        continue
      case .failed(let problem) where !retriesFailed:
        Terminal.say("\(title): failed before (\(problem)); --retry trains it again")
        continue
      case .unfinished: break
      case .failed, .missing:
        if let reason = try leavesOut(run) {
          Terminal.say("\(title): left out, \(reason)")
          try writeAtomically("\(Self.leftOut): \(reason)\n", to: folder.failure(run.name))
          continue
        }
      }
      let values = zip(plan.keys, plan.settings[run.setting].values).map { "\($0): \($1)" }
      Terminal.say(([title] + values).joined(separator: "; "))
      guard try train(run) else { return false }
      trained += 1
      let seconds = (ContinuousClock.now - started) / .seconds(1) / Double(trained)
      let left = own.count - place - 1
      if left > 0 {
        Terminal.say(
          "\(place + 1) of \(own.count) runs done, about "
            + "\(ProgressLine.duration(seconds * Double(left))) left")
      }
    }
    return true
  }

  /// Trains a run, or the rest of one. Returns false if it was interrupted.
  private mutating func train(_ run: SweepPlan.Run) throws -> Bool {
    let directory = folder.run(run.name)
    var resumption: Resumption?
    if case .unfinished = folder.state(run.name), directory.newestCheckpoint != nil {
      do throws(Failure) { resumption = try directory.resumption() } catch {
        guard error.kind == .badData else { throw error }
        Terminal.say("warning: \(error.problem); the run starts again")
      }
    }
    let recipe = plan.recipe(of: run, output: directory.path)
    var training = try TrainingRun(
      recipe, resumption: resumption, TrainingDisplay(measure: recipe.evaluation.select))
    let setup: TrainingSetup
    do throws(Failure) {
      var candidates = candidates
      try training.search { [found] recipe throws(Failure) in
        try candidates.searched(recipe, in: found)
      }
      self.candidates = candidates
      try requireSameData(&training)
      setup = try training.setup(memory: memory)
    } catch {
      // What ails the first run is the matter of all of them.
      guard hasReadInputs, Self.isOfValues(error) else { throw error }
      try note(error, run)
      return true
    }
    hasReadInputs = true
    try? removeFile(folder.failure(run.name))
    do {
      switch try training.train(setup, overwrite: true, text: training.recipe.resolved) {
      case .interrupted(let checkpoint):
        Terminal.say("interrupted; saved \(checkpoint); continue with --resume")
        return false
      case .finished: return true
      }
    } catch let failure as Failure where Self.isOfValues(failure) {
      training.display.finish()
      try note(failure, run)
      return true
    }
  }

  private func requireSameData(_ training: inout TrainingRun) throws(Failure) {
    do throws(Failure) { try training.checkData(acceptsChanges: false) } catch {
      var failure = error
      if failure.kind == .badData {
        failure.kind = .missingInput
        failure.remedy =
          "restore them, or begin a new sweep in another folder: runs on other data cannot be compared"
      }
      throw failure
    }
  }

  /// Whether an error may be due to the values of one run.
  private static func isOfValues(_ failure: Failure) -> Bool {
    [.badData, .badRecipe, .usage].contains(failure.kind)
  }

  private func note(_ failure: Failure, _ run: SweepPlan.Run) throws(Failure) {
    Terminal.say("\(failure)")
    Terminal.say("the run \(run.name) failed; the sweep goes on")
    try writeAtomically("\(failure)\n", to: folder.failure(run.name))
  }
}

/// The run files of first stages that were searched for the runs before, which mostly have the same
/// data.
private struct SearchedCandidates {
  private var known: [(data: DataSection, isTaught: Bool, found: DataSection)] = []

  /// The recipe with the run files of its first stages.
  mutating func searched(
    _ recipe: TrainingRecipe, in folder: String
  ) throws(Failure) -> TrainingRecipe {
    var result = recipe
    let (data, isTaught) = (recipe.data, try recipe.usesTeacher)
    let before = known.first { $0.isTaught == isTaught && $0.data.isSearched(as: data) }?.found
    if let before {
      result.data.train.candidates = before.train.candidates
      result.data.train.teacher = before.train.teacher
      result.data.dev?.candidates = before.dev?.candidates
      return result
    }
    // Results of first stages without an index are kept where all runs find them.
    result.output = folder
    result = try result.searched()
    result.output = recipe.output
    known.append((data, isTaught, result.data))
    return result
  }
}

extension DataSection {
  /// Whether another section has the same sources and the same teacher.
  fileprivate func isSearched(as other: DataSection) -> Bool {
    sources == other.sources && train.teacherModel == other.train.teacherModel
  }
}

/// A part of the runs of a sweep: every so many of them.
struct SweepShard: Equatable {
  /// The number of the part, from 1.
  let number: Int
  /// The number of parts.
  let count: Int

  /// All runs.
  static let whole = SweepShard(number: 1, count: 1)

  private init(number: Int, count: Int) { (self.number, self.count) = (number, count) }

  /// Reads `2/3`; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1],
      (1...100_000).contains(count), (1...count).contains(number)
    else { return nil }
    self.init(number: number, count: count)
  }

  func contains(_ run: Int) -> Bool { run % count == number - 1 }
}
