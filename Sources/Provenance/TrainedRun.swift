package import Diagnostics
import Files
import Foundation
package import JSON
package import Recipes

/// The contents of a run's folder that describe the trained model.
package struct TrainedRun {
  /// Reads a recipe from the file at a path.
  package typealias RecipeReader = (String) throws(Failure) -> TrainingRecipe

  /// The resolved recipe; nil if the folder has none.
  package let recipeText: String?
  /// `metrics.json`; nil if the folder has none.
  package let metrics: JSONValue?
  /// The checksums of the data as the run recorded them in `data.json`; for a run of an early
  /// version without such a record, the current checksums of the files.
  package let data: [String: JSONValue]?
  /// The folder; nil if no run is known.
  package let folder: String?
  let recipe: TrainingRecipe?

  private init() { (recipeText, metrics, data, folder, recipe) = (nil, nil, nil, nil, nil) }

  /// The name of the run: the last component of its folder's path.
  package var name: String? {
    folder.map { URL(filePath: $0).standardizedFileURL.lastPathComponent }
      .flatMap { $0 == "/" ? nil : $0 }
  }

  /// Reads the folder of a run. The properties of missing files are nil.
  ///
  /// - Throws: `badData` if `metrics.json` or `data.json` is malformed, and the errors of `recipe`.
  package init(in path: String, recipe reading: RecipeReader) throws(Failure) {
    let folder = try Folder(opening: path)
    self.folder = path
    func json(_ name: String) throws(Failure) -> JSONValue? {
      guard folder.contains(name) else { return nil }
      return try JSONValue(try folder.read(name).array, name: folder.path(of: name))
    }
    let found = folder.contains("recipe.yaml") ? folder.path(of: "recipe.yaml") : nil
    let recipe = try found.map { path throws(Failure) in try reading(path) }
    recipeText = try found.map { path throws(Failure) in try readText(path).bytes.text }
    let stored = try json(DataRecord.fileName)?.members
    data = stored ?? recipe.map { DataChecksums($0.inputs).json }
    metrics = try json("metrics.json")
    self.recipe = recipe
  }

  /// The run in whose folder a model is: at the path itself, or at the folder above its `model`.
  /// For a model in any other place, no run is known.
  ///
  /// - Throws: if the folder's files are malformed.
  package init(ofModel path: String, recipe: RecipeReader) throws(Failure) {
    let path = URL(filePath: path).standardizedFileURL.path
    for place in [path, parent(of: path)] where fileKind(at: place + "/metrics.json") == .file {
      let isOwn = place == path || path.hasSuffix("/model")
      if isOwn, fileKind(at: place + "/recipe.yaml") == .file {
        self = try TrainedRun(in: place, recipe: recipe)
        return
      }
    }
    self.init()
  }

  /// The checksums of the data if the run was resumed with changed files; nil otherwise.
  package var changedData: JSONValue? {
    guard let data, data[DataRecord.continuationsKey] != nil else { return nil }
    return JSONValue.object(data).withShortPaths
  }

  /// The warning of the run's evaluation if the model should not be served.
  package var warning: String? {
    if case .text(let warning)? = metrics?["warning"] { warning } else { nil }
  }
}
