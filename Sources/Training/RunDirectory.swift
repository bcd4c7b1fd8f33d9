public import Diagnostics
import Files
import Foundation

/// The folder a run of training writes: its recipe, log, checkpoints, metrics and model.
public struct RunDirectory: Sendable {
  /// The folder.
  public let path: String

  /// The run that writes to `path`.
  public init(_ path: String) { self.path = path }

  /// The recipe with every default written out.
  public var recipe: String { path + "/recipe.yaml" }
  /// One JSON object a line for everything that happened.
  public var log: String { path + "/log.jsonl" }
  /// What came out.
  public var metrics: String { path + "/metrics.json" }
  /// The best model, as a Hugging Face directory.
  public var model: String { path + "/model" }
  /// Where checkpoints are.
  public var checkpoints: String { path + "/checkpoints" }
  /// The best weights so far.
  package var best: String { checkpoints + "/best.h5" }

  package func checkpoint(step: Int) -> String {
    let digits = String(step)
    return checkpoints + "/step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
      + ".h5"
  }

  /// The checkpoints that are there, oldest first.
  package func existingCheckpoints() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    return names.filter { $0.hasPrefix("step-") && $0.hasSuffix(".h5") }.sorted().map {
      checkpoints + "/" + $0
    }
  }

  /// The newest checkpoint, or nil where there is none.
  public var newestCheckpoint: String? { existingCheckpoints().last }

  /// Says no where a new run cannot be written.
  ///
  /// - Throws: `Failure` where a run is there already and may not be overwritten, or something that
  ///   no run wrote.
  public func check(overwrite: Bool) throws(Failure) {
    guard let kind = fileKind(at: path) else { return }
    guard kind == .folder else {
      throw Failure(
        .cannotCreate, "the output is a file", at: Place(path), expected: "a folder, or nothing")
    }
    let contents = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard contents.isEmpty || overwrite else {
      throw Failure(
        .cannotCreate, "the output folder is not empty", at: Place(path),
        remedy: "give --resume to go on with the run in it, --overwrite to replace it, or another "
          + "--output")
    }
    // A run that died at once may have left nothing but the folder for checkpoints.
    let looksLikeRun = contents.contains("recipe.yaml") || contents == ["checkpoints"]
    guard contents.isEmpty || looksLikeRun else {
      throw Failure(
        .cannotCreate, "the output folder holds something that no run wrote", at: Place(path),
        remedy: "give another --output")
    }
  }

  /// Makes the folder for a new run; what an old one left there is removed, and nothing else.
  ///
  /// - Throws: `Failure` as `check`, or where the folder cannot be made.
  public func create(overwrite: Bool) throws(Failure) {
    try check(overwrite: overwrite)
    let manager = FileManager.default
    let beside = [path + "/calibration.json", path + "/data.json"]
    for old in [recipe, log, metrics, model, checkpoints] + beside where fileKind(at: old) != nil {
      do {
        try manager.removeItem(atPath: old)
      } catch {
        throw Failure(.cannotCreate, "the old run cannot be removed", at: Place(old))
      }
    }
    try createFolder(checkpoints)
  }

  /// Removes all but the newest checkpoints.
  func keepNewest(_ count: Int) {
    for path in existingCheckpoints().dropLast(count) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}
