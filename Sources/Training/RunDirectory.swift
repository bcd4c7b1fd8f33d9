public import Diagnostics
import Files
import Foundation

/// The folder of a training run: its recipe, log, checkpoints, metrics and model.
public struct RunDirectory: Sendable {
  /// The folder.
  public let path: String

  /// The run that writes to `path`.
  public init(_ path: String) { self.path = path }

  /// The recipe with every default written out.
  public var recipe: String { path + "/recipe.yaml" }
  /// The log: one JSON object per event and line.
  public var log: String { path + "/log.jsonl" }
  /// The results.
  public var metrics: String { path + "/metrics.json" }
  /// The candidates of dev and test with their scores.
  public var scores: String { path + "/scores.jsonl" }
  /// The report, one page of HTML.
  public var report: String { path + "/report.html" }
  /// The folder of TensorBoard's event files.
  public var events: String { path + "/tensorboard" }
  /// The best model, as a Hugging Face directory.
  public var model: String { path + "/model" }
  /// The adapters of the best model, as PEFT writes them, if training had any.
  public var adapter: String { path + "/adapter" }
  /// The folder of the checkpoints.
  public var checkpoints: String { path + "/checkpoints" }
  /// The folder of the trials that the run was chosen among, if there was a search.
  public var search: String { path + "/" + Self.searchName }
  /// The name of that folder.
  public static let searchName = "search"
  /// The best weights so far.
  package var best: String { checkpoints + "/best.h5" }

  package func checkpoint(step: Int) -> String {
    checkpoints + "/step-" + Self.digits(step) + ".h5"
  }

  /// The copy of a step's best weights, retained while a checkpoint may need it after better ones
  /// were found.
  package func bestCopy(step: Int) -> String {
    checkpoints + "/best-" + Self.digits(step) + ".h5"
  }

  /// The base model's weights, for a sum with the trained ones.
  package var base: String { checkpoints + "/base.h5" }

  /// The model that was evaluated after a step, retained while it may enter an average.
  package func evaluated(step: Int) -> String {
    checkpoints + "/evaluated-" + Self.digits(step) + ".h5"
  }

  private static func digits(_ step: Int) -> String {
    let digits = String(step)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// The step in a checkpoint's name, or nil if the name has a different form.
  static func step(ofCheckpoint path: String) -> Int? {
    Int(URL(filePath: path).lastPathComponent.dropFirst("step-".count).dropLast(".h5".count))
  }

  /// The existing checkpoints, oldest first.
  package func existingCheckpoints() -> [String] {
    files(withPrefix: "step-")
  }

  /// The retained copies of earlier best weights with their steps, oldest first.
  package func bestCopies() -> [(path: String, step: Int)] { models(withPrefix: "best-") }

  /// The retained models of evaluations with their steps, oldest first.
  package func evaluatedModels() -> [(path: String, step: Int)] {
    models(withPrefix: "evaluated-")
  }

  private func models(withPrefix prefix: String) -> [(path: String, step: Int)] {
    files(withPrefix: prefix).compactMap { path in
      let name = URL(filePath: path).lastPathComponent
      return Int(name.dropFirst(prefix.count).dropLast(".h5".count)).map { (path, $0) }
    }
  }

  private func files(withPrefix prefix: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".h5") }.sorted().map {
      checkpoints + "/" + $0
    }
  }

  /// The newest checkpoint, or nil if there is none.
  public var newestCheckpoint: String? { existingCheckpoints().last }

  /// Rejects a folder to which a new run cannot be written.
  ///
  /// - Throws: `cannotCreate` for a file, for a run that may not be overwritten or that another process
  ///   computes, and for files that do not belong to a run.
  public func check(overwrite: Bool) throws(Failure) {
    if RunLog.isHeld(log) { throw RunLog.isWritten(log) }
    try OutputCheck.folder(path, overwrite: overwrite, or: "give --resume to continue the run") {
      // A run that ended at once may have left only the folders for checkpoints and candidates.
      $0.contains("recipe.yaml") || $0 == ["checkpoints"]
        ? .output("a run")
        : $0.allSatisfy { ["checkpoints", "candidates", Self.searchName].contains($0) }
          ? .nothingReplaced : .otherThan("a run")
    }
  }

  /// Creates the folder for a new run; only the files of an old run are removed from it.
  ///
  /// - Throws: `Failure` as `check`, or if the folder cannot be created.
  public func create(overwrite: Bool) throws(Failure) {
    try check(overwrite: overwrite)
    let manager = FileManager.default
    let beside = [path + "/calibration.json", path + "/data.json", adapter, scores, report, events]
    for old in [recipe, log, metrics, model, checkpoints] + beside where fileKind(at: old) != nil {
      do {
        try manager.removeItem(atPath: old)
      } catch {
        throw Failure(.cannotCreate, "the old run cannot be removed", at: Place(old))
      }
    }
    try createFolder(checkpoints)
  }

  /// Removes all but the newest checkpoints, and the copies of best weights to which no remaining
  /// checkpoint refers.
  ///
  /// - Parameter bestStep: the step of the best weights so far.
  package func keepNewest(_ count: Int, bestStep: Int?) {
    for path in existingCheckpoints().dropLast(count) {
      try? FileManager.default.removeItem(atPath: path)
    }
    let copies = bestCopies()
    let bests = copies.map(\.step) + [bestStep].compactMap { $0 }
    let steps = existingCheckpoints().compactMap(Self.step)
    let needed = Set(steps.compactMap { step in bests.filter { $0 <= step }.max() })
    for copy in copies where !needed.contains(copy.step) {
      try? FileManager.default.removeItem(atPath: copy.path)
    }
  }

  /// Removes the models of evaluations that neither the state of the run nor a remaining checkpoint
  /// may average.
  ///
  /// - Parameter contenders: the steps of the models that a run may average after a step.
  package func keepEvaluated(at step: Int, _ contenders: (_ step: Int) -> [Int]) {
    let steps = existingCheckpoints().compactMap(Self.step) + [step]
    let needed = Set(steps.flatMap(contenders))
    for model in evaluatedModels() where !needed.contains(model.step) {
      try? FileManager.default.removeItem(atPath: model.path)
    }
  }

  /// Retains the best weights, which are about to be replaced, as a copy if a checkpoint has been
  /// written since they became the best.
  ///
  /// - Throws: `cannotCreate` or `io` if the file cannot be renamed.
  package func retainBest(ofStep step: Int) throws(Failure) {
    let isNeeded = existingCheckpoints().contains { (Self.step(ofCheckpoint: $0) ?? 0) >= step }
    guard isNeeded, fileKind(at: best) == .file else { return }
    try renameFile(best, to: bestCopy(step: step))
  }
}
