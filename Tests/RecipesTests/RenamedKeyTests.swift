import Diagnostics
import Recipes
import Testing

/// Keys that had other names in earlier versions.
@Suite struct RenamedKeyTests {
  private func notes(
    _ text: String, _ overrides: [String] = []
  ) throws(Failure) -> (recipe: TrainingRecipe, notes: [String]) {
    var notes: [String] = []
    let recipe = try TrainingRecipe(text: text, file: "r.yaml", overrides: overrides) {
      notes.append($0)
    }
    return (recipe, notes)
  }

  private func recipe(model: String) -> String {
    "model: { base: m, \(model) }\ndata: { train: { collection: c } }\noutput: o\n"
  }

  @Test func theOldNameWorksWithANote() throws {
    let note = "'model.segments' is now 'model.token_types'"
    let old = try notes(recipe(model: "segments: 1"))
    #expect(old.notes == [note] && old.recipe.model.tokenTypes == 1)
    let new = try notes(recipe(model: "token_types: 1"))
    #expect(new.notes.isEmpty && new.recipe == old.recipe)
    let override = try notes(minimal, ["model.segments=2"])
    #expect(override.notes == [note] && override.recipe.model.tokenTypes == 2)
  }

  /// Recipes that earlier runs have written have `segments: null`.
  @Test func anOldNameWithoutAValueNeedsNoNote() throws {
    for model in [
      "segments: null", "segments: null, token_types: 2", "segments: , token_types: null",
    ] {
      #expect(try notes(recipe(model: model)).notes.isEmpty, "\(model)")
    }
    #expect(
      try notes(recipe(model: "segments: null, token_types: 2")).recipe.model.tokenTypes == 2)
    #expect(
      try notes(recipe(model: "segments: 2, token_types: null")).recipe.model.tokenTypes == 2)
  }

  @Test func bothNamesAreAMistake() {
    #expect(
      said(recipe(model: "token_types: 1, segments: 2"))
        == "error: 'segments' is the old name of 'token_types', and both are given | at: r.yaml:1:35, "
        + "key 'model.segments' | expected: 'token_types' alone | to do: remove 'segments'")
    #expect(
      said(recipe(model: "token_types: 1"), ["model.segments=2"])
        == "error: 'segments' is the old name of 'token_types', and both are given | at: --set "
        + "model.segments | expected: 'token_types' alone | to do: remove 'segments'")
  }

  @Test func messagesHaveThePresentName() {
    #expect(
      said(minimal, ["model.segments=3"])
        == "error: 'token_types' cannot be '3' | at: --set model.segments | expected: an integer from "
        + "1 to 2")
  }

  /// A checkpoint of an earlier version remembers the old name, and its run goes on.
  @Test func theOldNameIsWhatCheckpointsRemember() throws {
    let read = try notes(recipe(model: "token_types: 1")).recipe
    for text in [read.identity, read.resolved] {
      #expect(text.contains("  segments: 1\n") && !text.contains("token_types"))
    }
    #expect(try notes(read.resolved).recipe == read)
  }
}
