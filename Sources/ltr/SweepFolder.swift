import Diagnostics
import Files
import Foundation
import JSON
import Recipes
import Training

/// The folder of a sweep, with a folder for each of its runs.
struct SweepFolder {
  /// The folder.
  let path: String

  init(_ path: String) { self.path = path }

  /// The recipe with its sweep, every value written out.
  var recipe: String { path + "/sweep.yaml" }
  /// The settings and seeds.
  var record: String { path + "/settings.json" }
  /// The table of results.
  var results: String { path + "/results.json" }
  /// The report, one page of HTML.
  var report: String { path + "/sweep.html" }
  /// The result of the chosen run on test.
  var test: String { path + "/test.json" }
  /// A link to the folder of the chosen run.
  var chosen: String { path + "/chosen" }
  private var runs: String { path + "/runs" }
  private var locks: String { path + "/locks" }
  private var failures: String { path + "/failures" }

  /// The folder of a run.
  func run(_ name: String) -> RunDirectory { RunDirectory("\(runs)/\(name)") }

  /// The file with the error that a run ended with.
  func failure(_ name: String) -> String { "\(failures)/\(name).txt" }

  /// Takes a run, so that no other process trains it; nil if another one has it.
  func lock(_ name: String) throws(Failure) -> FileLock? {
    for _ in 0..<5 {
      if let lock = try FileLock("\(locks)/\(name)") { return lock }
      // 'ltr watch' has it for an instant.
      Thread.sleep(forTimeInterval: 0.02)
    }
    return nil
  }

  /// Whether a process trains a run.
  func isHeld(_ name: String) -> Bool { FileLock.isHeld("\(locks)/\(name)") }

  /// Whether the folder holds a sweep.
  var holdsSweep: Bool { fileKind(at: record) == .file }

  /// Whether it is the folder of a sweep, and not one with another file of that name.
  var isRecognised: Bool {
    guard holdsSweep, let bytes = try? readFile(record),
      let json = try? JSONValue(bytes.array, name: record)
    else { return false }
    return json["format"] == .text(SweepRecord.format)
  }

  /// Rejects a folder to which the sweep cannot be written.
  ///
  /// - Parameter joins: whether a sweep that is there may be continued.
  func check(joins: Bool, overwrite: Bool) throws(Failure) {
    try OutputCheck.folder(
      path, overwrite: overwrite || joins, or: "give --resume to continue the sweep"
    ) { names in
      let own = ["candidates", "runs", "locks", "failures", "sweep.yaml"]
      if names.contains("settings.json") { return .output("a sweep") }
      // A process that was killed may leave a file that it had begun.
      let isOwn = names.allSatisfy { name in
        own.contains(name)
          || ["sweep.yaml", "settings.json"].contains { name.hasPrefix($0 + ".partial-") }
      }
      return isOwn ? .nothingReplaced : .otherThan("a sweep")
    }
  }

  /// Creates the folder, or opens that of the same sweep.
  ///
  /// - Throws: `badRecipe` if it holds another sweep; `cannotCreate` if another process trains one of
  ///   the runs that would be replaced.
  func open(_ plan: SweepPlan, overwrite: Bool) throws(Failure) {
    let record = SweepRecord(plan)
    if overwrite, holdsSweep { try remove() }
    if holdsSweep { try SweepRecord(reading: self.record).require(record, in: self) }
    for folder in [runs, locks, failures] { try createFolder(folder) }
    var recipe = plan.recipe
    recipe.output = path
    try writeAtomically(recipe.resolved, to: self.recipe)
    // Last: a folder with it is complete.
    try writeAtomically(try record.json(), to: self.record)
  }

  private func remove() throws(Failure) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: locks)) ?? [] {
      guard try lock(name) != nil else {
        throw Failure(
          .cannotCreate, "another process is training the run \(name)", at: Place(path),
          remedy: "wait for that process to end, or name another folder")
      }
    }
    for old in [record, recipe, results, report, test, chosen, runs, failures, locks] {
      // A link whose target is gone is there all the same.
      guard (try? FileManager.default.attributesOfItem(atPath: old)) != nil else { continue }
      do { try FileManager.default.removeItem(atPath: old) } catch {
        throw Failure(.cannotCreate, "the old sweep cannot be removed", at: Place(old))
      }
    }
  }
}

/// `settings.json` of a sweep: what its runs are, without their recipes.
struct SweepRecord: Codable, Equatable {
  struct Setting: Codable, Equatable {
    var name: String
    var values: [String]
  }

  static let format = "ltr sweep"
  private static let version = 1

  private var format = Self.format
  private var version = Self.version
  /// The measure on dev.
  var measure: String
  /// The dotted paths of the keys.
  var keys: [String]
  /// The settings.
  var settings: [Setting]
  /// The place of the recipe as it is written.
  var base: Int?
  /// The seeds.
  var seeds: [UInt64]
  /// The recipe, without what does not affect the results on dev.
  private var recipe: String

  init(_ plan: SweepPlan) {
    measure = plan.recipe.evaluation.select
    (keys, base, seeds) = (plan.keys, plan.base, plan.seeds)
    settings = plan.settings.map { Setting(name: $0.name, values: $0.values) }
    var recipe = plan.recipe
    recipe.data.test = nil
    self.recipe = recipe.runIdentity
  }

  /// Reads the file.
  ///
  /// - Throws: `badData` if it is malformed or of a later version.
  init(reading path: String) throws(Failure) {
    let bytes = try readFile(path).array
    let json = try JSONValue(bytes, name: path)
    guard json["format"] == .text(Self.format), json["version"] == .whole(Self.version) else {
      throw Failure(
        .badData, "the file is not that of a sweep, or of a later version", at: Place(path),
        expected: "'\(Self.format)' as its format, version \(Self.version)",
        remedy: "restore it from an intact copy, or read it with the version that wrote it")
    }
    self = try JSONReader().decode(SweepRecord.self, from: bytes, name: path)
  }

  func json() throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do { return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n" } catch {
      throw Failure(.software, "the settings cannot be written: \(error)")
    }
  }

  /// Rejects another sweep than this one.
  func require(_ other: SweepRecord, in folder: SweepFolder) throws(Failure) {
    guard self != other else { return }
    let (own, given) = (recipe.split(separator: "\n"), other.recipe.split(separator: "\n"))
    let place = zip(own, given).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let line = place ?? min(own.count, given.count)
    func text(_ lines: [Substring]) -> String {
      line < lines.count ? "'\(lines[line].trimmingCharacters(in: .whitespaces))'" : "nothing"
    }
    throw Failure(
      .badRecipe,
      own == given
        ? "the folder holds a sweep with other settings"
        : "the folder holds a sweep of another recipe: it has \(text(own)), this one \(text(given))",
      at: Place(folder.path), expected: "the recipe in \(folder.recipe)",
      remedy: "give the recipe that the sweep began with, name another folder with --output, or "
        + "--overwrite the sweep")
  }
}
