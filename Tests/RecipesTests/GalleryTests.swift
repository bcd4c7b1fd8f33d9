import Diagnostics
import Foundation
import Recipes
import TestSupport
import Testing

/// The recipes that come with the program.
@Suite struct GalleryTests {
  /// Reads one as the program does; the folder of recipes is the only place of what it extends.
  private func read(_ text: String, _ recipe: GalleryRecipe) throws(Failure) {
    let source = try RecipeSource(
      text: text, file: recipe.file, kind: recipe.kind, environment: [:])
    switch recipe.kind {
    case .recipe: _ = try TrainingRecipe(source)
    case .job: _ = try MiningJob(source)
    case .judging: _ = try JudgeJob(source)
    }
  }

  @Test(arguments: Gallery.all.map(\.name)) func isValidAndHasItsCommand(_ name: String) throws {
    let recipe = try Gallery.named(name)
    try read(recipe.text, recipe)
    let command = "ltr \(name == "sweep" ? name : recipe.kind.command)"
    let head = recipe.text.split(separator: "\n").prefix {
      $0.hasPrefix("#")
    }
    if name != "every-key" {
      #expect(head.contains { $0.contains("\(command) Recipes/\(recipe.file)") }, "\(name)")
    }
    for line in recipe.text.split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
    #expect(!recipe.summary.contains("\n") && !recipe.summary.hasSuffix("."))
  }

  @Test func numbersFollowEachOtherAndNamesAreDistinct() {
    for (place, recipe) in Gallery.all.enumerated() {
      #expect(Int(recipe.file.prefix(2)) == place + 1)
    }
    #expect(Set(Gallery.all.map(\.name)).count == Gallery.all.count)
    #expect(Set(Gallery.all.map(\.paths.output)).count == Gallery.all.count)
  }

  @Test func theFolderHasNoOthers() throws {
    let folder = Material.package.appending(path: "Recipes").path(percentEncoded: false)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(
      files.filter { $0.hasSuffix(".yaml") }.sorted() == Gallery.all.map(\.file))
    let page = try packageFile("Recipes/README.md")
    for recipe in Gallery.all { #expect(page.contains("(\(recipe.file))"), "\(recipe.file)") }
  }

  @Test func otherPathsArePutIn() throws {
    for recipe in Gallery.all where !["every-key", "mine", "judge"].contains(recipe.name) {
      let paths = RecipePaths(
        base: "my model", collection: "my/data.csv", output: "runs/first", indexes: "my-index")
      let text = recipe.text(with: paths, named: "x/recipe.yaml")
      try read(text, recipe)
      for old in [recipe.paths.base, recipe.paths.output, "Recipes/\(recipe.file)"] {
        #expect(!text.contains(old), "\(recipe.name): \(old)")
      }
      #expect(!text.contains("yaml-language-server"))
      #expect(text.contains("base: \"my model\"\n") && text.contains("output: runs/first\n"))
    }
  }

  @Test func namesAreFound() throws {
    for name in ["csv", "04-csv", "04-csv.yaml"] { #expect(try Gallery.named(name).name == "csv") }
    do throws(Failure) {
      _ = try Gallery.named("clikcs")
      Issue.record("there is no such recipe")
    } catch {
      #expect(error.kind == .usage && error.remedy == "write 'clicks'")
    }
  }
}
