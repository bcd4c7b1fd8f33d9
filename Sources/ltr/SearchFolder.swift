import Diagnostics
import Files
import Foundation
import JSON
import Recipes
import Training

/// The folder of a search in that of its run, with a sweep's folder for each rung.
struct SearchFolder {
  /// What is fixed when a search begins, and the time that it has taken.
  struct Record: Codable, Equatable {
    /// The number of trials.
    var trials: Int
    /// The number of steps of the last rung.
    var steps: Int
    /// The number of steps of the recipe.
    var recipeSteps: Int
    /// Whether the base reranks.
    var reranks: Bool
    /// Whether the base's weights can be mixed with the trained ones.
    var mixes: Bool
    /// The number of layers of the base.
    var layers: Int
    /// The seconds that it may take; nil for no limit.
    var budget: Double?
    /// The predicted seconds of the rungs, if a budget was given.
    var predicted: [Double]?
    /// The seconds so far.
    var seconds: Double

    private enum CodingKeys: String, CodingKey {
      case trials, steps, reranks, mixes, layers, budget, predicted, seconds
      case recipeSteps = "recipe_steps"
    }
  }

  /// The run that the search ends with.
  let run: RunDirectory

  init(_ output: String) { run = RunDirectory(output) }

  private var path: String { run.search }
  private var record: String { path + "/search.json" }
  /// The trials with their results.
  var results: String { path + "/results.json" }

  /// The sweep of a rung, from 0.
  func rung(_ number: Int) -> SweepFolder { SweepFolder("\(path)/rung-\(number + 1)") }

  /// Rejects a folder to which the search cannot be written.
  ///
  /// - Throws: `cannotCreate` for a search or a run that may not be replaced and for other files;
  ///   `missingInput` if there is no search to continue.
  func check(resume: Bool, overwrite: Bool) throws(Failure) {
    let isThere = fileKind(at: record) == .file
    if resume {
      guard !isThere else { return }
      throw Failure(
        .missingInput, "there is no search to continue", at: Place(run.path),
        expected: "the folder of 'ltr train --auto'",
        remedy: "omit --resume to begin one, or --auto to continue a run")
    }
    guard isThere, !overwrite else { return try run.check(overwrite: overwrite) }
    throw Failure(
      .cannotCreate, "the folder already holds a search", at: Place(run.path),
      remedy: "give --resume to continue it, --overwrite to replace it, or another --output")
  }

  /// Begins a search: what an earlier one or a run has left is removed.
  func begin(_ record: Record, overwrite: Bool) throws(Failure) {
    try run.create(overwrite: overwrite)
    if fileKind(at: path) != nil {
      do { try FileManager.default.removeItem(atPath: path) } catch {
        throw Failure(.cannotCreate, "the old search cannot be removed", at: Place(path))
      }
    }
    try createFolder(path)
    try write(record)
  }

  /// What an earlier process has written.
  func read() throws(Failure) -> Record {
    try JSONReader().decode(Record.self, from: try readFile(record).array, name: record)
  }

  func write(_ record: Record) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let bytes: Data
    do { bytes = try encoder.encode(record) } catch {
      throw Failure(.software, "the search cannot be written: \(error)")
    }
    try writeAtomically(Array(bytes) + [0x0A], to: self.record)
  }
}
