import Corpora
import Diagnostics
import Files
import Foundation
import JSON
import Lists
import Options
import Provenance
import Recipes
import Reports
import Synchronization
import Training

extension RunReport {
  /// The report of the run in a folder. What the folder lacks is left out.
  ///
  /// - Throws: `missingInput` if the folder is not that of a run; `badData` if a file in it is
  ///   malformed.
  init(of directory: RunDirectory) throws(Failure) {
    guard fileKind(at: directory.log) == .file || fileKind(at: directory.recipe) == .file else {
      throw Failure(
        .missingInput, "the folder is not that of a run", at: Place(directory.path),
        expected: "recipe.yaml and log.jsonl, as 'ltr train' writes them",
        remedy: "name the folder that the recipe calls 'output'")
    }
    let history =
      fileKind(at: directory.log) == .file
      ? RunHistory(log: try readFile(directory.log).array) : RunHistory()
    let run = try TrainedRun(in: directory.path)
    self.init(name: run.name ?? directory.path, history: history)
    if fileKind(at: directory.scores) == .file { scores = try RunScores(reading: directory.scores) }
    if fileKind(at: directory.metrics) == .file {
      let metrics = try JSONReader().decode(
        TrainingMetrics.self, from: try readFile(directory.metrics).array, name: directory.metrics)
      splits = [("dev", metrics.dev), ("test", metrics.test)].compactMap { name, split in
        split.map { (name, $0) }
      }
      (bestStep, fusionWeight) = (metrics.bestStep, metrics.fusionWeight)
      (verdict, warning) = (metrics.verdict, metrics.warning)
      selectedBy = metrics.selectedBy
    }
    recipe = run.recipeText
    if let data = run.data { sources = Self.sources(data) }
    let found: TrainingRecipe? =
      if fileKind(at: directory.recipe) == .file {
        try TrainingRecipe(reading: directory.recipe, overrides: [], output: nil)
      } else { nil }
    selectedBy = selectedBy ?? found?.evaluation.select.description
    texts = { split in
      let source = split == "dev" ? found?.data.dev : found?.data.test
      return source.flatMap(Texts.init)
    }
  }

  /// The files of `data.json` with their checksums.
  private static func sources(_ data: [String: JSONValue]) -> [Source] {
    data.sorted { $0.key < $1.key }.flatMap { role, entry -> [Source] in
      guard case .text(let path)? = entry["path"] else { return [] }
      if case .text(let sum)? = entry["sha256"] {
        return [Source(role: role, file: path, checksum: sum)]
      }
      guard let files = entry["files"]?.members else {
        return [Source(role: role, file: path, checksum: "missing when the run began")]
      }
      return files.sorted { $0.key < $1.key }.map { name, sum in
        let text: String = if case .text(let text) = sum { text } else { "" }
        return Source(role: role, file: "\(path)/\(name)", checksum: text)
      }
    }
  }
}

extension RunReport.Texts {
  /// The texts of a source's collection; nil if it cannot be opened, such as in another folder than
  /// the one that training ran in.
  fileprivate init?(_ source: TrainingSource) {
    guard let form = try? source.form,
      let collection = try? Collection(opening: source.collection, as: form)
    else { return nil }
    self.init(
      query: { try? collection.query(id: $0).text },
      document: { id in
        (try? collection.document(id: id)).map {
          $0.title.isEmpty ? $0.text : "\($0.title) \($0.text)"
        }
      })
  }
}
