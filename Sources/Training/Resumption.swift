public import Diagnostics
import Files
import Foundation
import Models
import Persistence

/// The point at which a run resumes: a checkpoint that has been verified, the place of the best
/// model at that step, and the files of the run that have to be renamed.
public struct Resumption: Sendable {
  /// A file that cannot be used, with the reason.
  struct Damage: Sendable {
    var path: String
    var reason: String
  }

  /// The place of the best model at the checkpoint's step.
  enum Best: Sendable, Equatable {
    /// There was no best model yet.
    case none
    /// In the run's file of the best model.
    case inPlace
    /// In a copy that was retained when a later one replaced it.
    case copy(String)
    /// In the checkpoint itself, which was written after the same step.
    case checkpoint
    /// In no readable file.
    case lost
  }

  /// The checkpoint.
  public let checkpoint: String
  /// The number of steps done in all phases.
  public var step: Int { state.totalSteps }
  /// The state of the run at the checkpoint.
  let state: TrainingState
  private let recipe: String
  let best: Best
  /// Damaged newer checkpoints, and the best model if it is damaged.
  let damaged: [Damage]
  /// Whether the run may have continued beyond this checkpoint before.
  let goesBack: Bool
  /// A newer intact checkpoint that is not used since its best model is lost.
  let passedOver: String?

  init(
    _ checkpoint: String, _ found: (state: TrainingState, recipe: String), best: Best,
    damaged: [Damage], goesBack: Bool, passedOver: String?
  ) {
    (self.checkpoint, self.best, self.damaged) = (checkpoint, best, damaged)
    (state, recipe) = found
    (self.goesBack, self.passedOver) = (goesBack, passedOver)
  }

  /// Rejects a recipe that differs from the run's, before its data are read, which takes minutes.
  ///
  /// - Parameter recipe: the identity that a trainer stores in checkpoints.
  /// - Throws: `badRecipe` with the first line that differs.
  public func require(recipe: String) throws(Failure) {
    try TrainingCheckpoint.require(self.recipe, recipe, checkpoint)
  }
}

extension RunDirectory {
  /// The files of best models, each read at most once.
  private struct Bests {
    var inPlace: Result<Int?, Failure>?

    init(_ directory: RunDirectory) {
      guard fileKind(at: directory.best) != nil else { return }
      do throws(Failure) {
        inPlace = .success(try TrainingCheckpoint.verifyModel(directory.best))
      } catch {
        inPlace = .failure(error)
      }
    }

    /// The place of the best model of a step.
    func find(_ state: TrainingState, _ directory: RunDirectory) -> Resumption.Best {
      guard let step = state.best?.totalSteps else { return .none }
      // The files of earlier versions do not contain their step.
      if case .success(let found)? = inPlace, found ?? step == step { return .inPlace }
      let copy = directory.bestCopy(step: step)
      if (try? TrainingCheckpoint.verifyModel(copy)) == .some(step) { return .copy(copy) }
      return state.totalSteps == step ? .checkpoint : .lost
    }
  }

  /// Verifies checkpoints, the newest first, until one is intact and its best model exists. If no
  /// best model exists, the newest intact checkpoint is used without one.
  ///
  /// - Parameter named: the checkpoint to resume from instead of the newest; a name without a
  ///   folder is that of one of the run's.
  /// - Throws: `missingInput` if there is no checkpoint, `badData` if all are damaged, `cannotCreate` if
  ///   another process computes the run.
  public func resumption(from named: String? = nil) throws(Failure) -> Resumption {
    if RunLog.isHeld(log) { throw RunLog.isWritten(log) }
    let existing = existingCheckpoints()
    var candidates = Array(existing.reversed())
    if let named {
      let within = checkpoints + "/" + named
      let isName = fileKind(at: named) == nil && !named.contains("/")
      candidates = [isName && fileKind(at: within) != nil ? within : named]
    }
    guard !candidates.isEmpty else {
      throw Failure(
        .missingInput, "there is no checkpoint to resume from", at: Place(checkpoints),
        remedy: "omit --resume to start a new run")
    }
    let bests = Bests(self)
    var damaged: [Resumption.Damage] = []
    if case .failure(let failure)? = bests.inPlace {
      damaged.append(.init(path: best, reason: failure.problem))
    }
    var withoutBest: Resumption?
    for path in candidates {
      let found: (state: TrainingState, recipe: String)
      do throws(Failure) {
        found = try TrainingCheckpoint.verify(path)
      } catch {
        guard named == nil, error.kind == .badData || error.kind == .io else {
          throw Self.unusable(error, path, others: existing.filter { $0 != path })
        }
        damaged.append(.init(path: path, reason: error.problem))
        continue
      }
      let resumption = Resumption(
        path, found, best: bests.find(found.state, self), damaged: damaged,
        goesBack: named != nil || withoutBest != nil || !damaged.isEmpty,
        passedOver: withoutBest?.checkpoint)
      if named != nil || resumption.best != .lost { return resumption }
      withoutBest = withoutBest ?? resumption
    }
    if let withoutBest { return withoutBest }
    let shown = damaged.filter { $0.path != best }
    throw Failure(
      .badData,
      "no checkpoint of the run can be read: "
        + shown.map { "\($0.path): \($0.reason)" }.joined(separator: "; "),
      at: Place(checkpoints), expected: "an intact checkpoint",
      remedy: "restore a checkpoint from an intact copy, or start a new run in another "
        + "output folder")
  }

  private static func unusable(_ failure: Failure, _ path: String, others: [String]) -> Failure {
    var failure = failure
    if failure.kind == .badData {
      failure.remedy =
        others.last.map { "name another checkpoint, such as \($0), or give --resume alone" }
        ?? "the run has no other checkpoint: start a new run in another output folder"
    }
    return failure
  }

  /// Restores the files of the run to a resumption's step: damaged files and those of later steps
  /// are renamed, not deleted.
  ///
  /// - Returns: notices for the user, one sentence each.
  /// - Throws: `cannotCreate` or `io` if a file cannot be renamed.
  func restore(_ resumption: Resumption) throws(Failure) -> [String] {
    var told: [String] = []
    for damage in resumption.damaged {
      let kept = try setAside(damage.path, as: Self.damaged)
      told.append("damaged: \(damage.path) (\(damage.reason)); it is kept as \(kept)")
    }
    if let passedOver = resumption.passedOver {
      told.append(
        "the best model at \(passedOver) cannot be read: the run resumes from "
          + "\(resumption.checkpoint) and selects the best model again")
    }
    for path in existingCheckpoints()
    where (Self.step(ofCheckpoint: path) ?? 0) > resumption.step && path != resumption.checkpoint {
      let kept = try setAside(path, as: Self.superseded)
      told.append("\(path) is of a later step than the run resumes from; it is kept as \(kept)")
    }
    for copy in bestCopies() + evaluatedModels() where copy.step > resumption.step {
      _ = try setAside(copy.path, as: Self.superseded)
    }
    if resumption.goesBack || resumption.best == .lost, resumption.best != .inPlace,
      fileKind(at: best) != nil
    {
      let kept = try setAside(best, as: Self.superseded)
      told.append("\(best) is of a different step than the run resumes from; it is kept as \(kept)")
    }
    if case .copy(let copy) = resumption.best { try renameFile(copy, to: best) }
    if let kept = filesSetAside() { told.append(kept) }
    if resumption.best == .lost {
      told.append(
        "the best model so far (step \(resumption.state.best?.totalSteps ?? 0)) cannot be read, and "
          + "no earlier checkpoint can restore it: the best model is selected among those from this step on"
      )
    }
    return told
  }

  private static let damaged = "damaged"
  private static let superseded = "superseded"

  /// Whether a file's name is one that resuming gives to files that no run reads any more.
  public static func isPutAside(_ name: String) -> Bool {
    name.contains(/\.h5\.(damaged|superseded)(-[0-9]+)?$/)
  }

  /// A notice of the size of the files that were renamed by this and earlier resumptions, and that
  /// they can be deleted, which no run does. Nil if there are none.
  private func filesSetAside() -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    let kept = names.filter(Self.isPutAside)
    guard !kept.isEmpty else { return nil }
    let bytes = kept.reduce(0) { $0 + (fileSize(at: checkpoints + "/" + $1) ?? 0) }
    return "\(checkpoints): files that --resume has put aside: \(kept.count) (*.\(Self.damaged)*, "
      + "*.\(Self.superseded)*), \((bytes + 1 << 20 - 1) >> 20) MiB; no run reads or deletes them: delete "
      + "those that you do not need"
  }

  /// Renames a file to a name that no run reads, in the same folder, and returns it.
  private func setAside(_ path: String, as what: String) throws(Failure) -> String {
    var target = "\(path).\(what)"
    var number = 2
    while fileKind(at: target) != nil {
      target = "\(path).\(what)-\(number)"
      number += 1
    }
    try renameFile(path, to: target)
    return target
  }
}
