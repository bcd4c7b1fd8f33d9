import Foundation
import JSON
import Recipes
import TestSupport
import Testing

/// Files that are made from the declarations of the keys.
///
/// After a change of a key, run these tests once with `LTR_WRITE_SNAPSHOTS=1` (`make keys`) and look
/// at the differences.
@Suite struct GeneratedFileTests {
  /// What the program has in it is what the folder shows.
  @Test(arguments: Gallery.all.map(\.name)) func recipeOfTheGallery(_ name: String) throws {
    let recipe = try Gallery.named(name)
    try check(recipe.text, "Recipes/\(recipe.file)")
  }

  @Test func schemaOfRecipes() throws {
    try check(try TrainingRecipe.schema(), "Recipes/recipe.schema.json")
  }

  @Test func schemaOfJobs() throws { try check(try MiningJob.schema(), "Recipes/job.schema.json") }

  @Test func schemaOfJudgingJobs() throws {
    try check(try JudgeJob.schema(), "Recipes/judging.schema.json")
  }

  @Test func keyReference() throws { try check(KeyReference.text, "Documentation/Keys.md") }

  private func check(
    _ text: String, _ path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let url = Material.package.appending(path: path)
    if ProcessInfo.processInfo.environment["LTR_WRITE_SNAPSHOTS"] == "1" {
      try Data(text.utf8).write(to: url)
      return
    }
    let file = try? String(contentsOf: url, encoding: .utf8)
    #expect(
      text == file, "\(path) is not what the declarations of the keys make: run 'make keys'",
      sourceLocation: sourceLocation)
  }

  /// An editor is told of the keys that the reader takes, no more and no fewer.
  @Test func schemasHaveTheKeys() throws {
    for (text, keys) in [
      (try TrainingRecipe.schema(), TrainingRecipe.keyPaths + ["model.segments"]),
      (try MiningJob.schema(), MiningJob.keyPaths),
      (try JudgeJob.schema(), JudgeJob.keyPaths),
    ] {
      let schema = try JSONValue(Array(text.utf8), name: "schema")
      #expect(Set(paths(of: schema)) == Set(keys))
    }
  }

  private func paths(of schema: JSONValue, under parent: String = "") -> [String] {
    // A word may stand in place of a section.
    if case .list(let forms)? = schema["anyOf"], forms.first?["const"] != nil {
      return forms.flatMap { paths(of: $0, under: parent) }
    }
    return (schema["properties"]?.members ?? [:]).flatMap { key, value in
      [parent + key] + paths(of: value, under: parent + key + ".")
    }
  }

  /// Every key of a recipe or job is in its file, live or in an example, and in the reference.
  @Test func filesNameEveryKey() throws {
    let reference = KeyReference.text
    for (text, keys) in [
      (TrainingRecipe.everyKey, TrainingRecipe.keyPaths), (MiningJob.everyKey, MiningJob.keyPaths),
      (JudgeJob.everyKey, JudgeJob.keyPaths),
    ] {
      for path in keys {
        let key = path.split(separator: ".").last ?? ""
        #expect(text.contains(" \(key):") || text.contains("\n\(key):"), "\(path)")
        #expect(
          reference.contains("\n| `\(key)` |") || reference.contains("\n### `\(path)`\n"), "\(path)"
        )
      }
      for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }
  }
}
