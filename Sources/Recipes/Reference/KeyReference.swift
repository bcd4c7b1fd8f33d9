/// The reference of all keys in Markdown: `Documentation/Keys.md`.
package enum KeyReference {
  /// The text of the file.
  package static var text: String {
    var text = """
      # Keys of recipes and jobs

      Made from the declarations of the keys in `Sources/Recipes`; `make keys` makes it again.
      [Recipes/02-every-key.yaml](../Recipes/02-every-key.yaml),
      [Recipes/03-mine.yaml](../Recipes/03-mine.yaml) and
      [Recipes/18-judge.yaml](../Recipes/18-judge.yaml) have the same keys in place;
      [recipe.schema.json](../Recipes/recipe.schema.json), [job.schema.json](../Recipes/job.schema.json) and
      [judging.schema.json](../Recipes/judging.schema.json) describe them for editors. `null` stands for no value.
      A key without a default is required. A section whose default is none is optional; where it is
      given, its keys have the defaults of its table.


      """
    text += "## Recipes: `ltr train`\n" + tables(TrainingRecipe.descriptions())
    text += "\n## Jobs: `ltr mine`\n" + tables(MiningJob.descriptions())
    text += "\n## Jobs: `ltr judge`\n" + tables(JudgeJob.descriptions())
    return text
  }

  private static func tables(_ keys: [KeyDescription]) -> String {
    let values = keys.filter { $0.keys == nil }
    return (values.isEmpty ? "" : "\n" + table(values))
      + keys.filter { $0.keys != nil || $0.items != nil }.map { section($0, path: $0.key) }.joined()
  }

  private static func section(_ key: KeyDescription, path: String) -> String {
    let below = key.keys ?? key.items ?? []
    var text = "\n### `\(path)`\n\n"
    text += wrapped(
      sentence(key.meaning) + (key.isOptional ? " The default is none." : ""), to: 100
    )
    .joined(separator: "\n")
    text += "\n\n" + table(below)
    for inner in below where inner.keys != nil || inner.items != nil {
      text += section(inner, path: "\(path).\(inner.key)")
    }
    return text
  }

  private static func table(_ keys: [KeyDescription]) -> String {
    var text = "| key | value | default | meaning |\n| --- | --- | --- | --- |\n"
    for key in keys {
      let standard =
        key.isRequired
        ? "" : key.keys == nil ? "`\(key.value ?? "null")`" : key.isOptional ? "none" : ""
      let old = key.oldKey.map { "; `\($0)` is its old name" } ?? ""
      let cells = ["`\(key.key)`", key.type, standard, key.meaning + old]
      text += "| \(cells.map(escaped).joined(separator: " | ")) |\n"
    }
    return text
  }

  private static func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
