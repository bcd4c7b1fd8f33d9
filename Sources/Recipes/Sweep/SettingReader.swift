import Diagnostics
import Options

/// Makes recipes from the tree of one by setting values.
struct SettingReader {
  private let root: RecipeNode
  private let section: RecipeSection

  /// What the settings are of, for messages: "sweep".
  private let whole: String

  init(_ section: RecipeSection, of whole: String) {
    (self.section, self.whole) = (section, whole)
    root = RecipeNode(
      content: .mapping(section.entries.filter { $0.name != "sweep" }), place: section.place)
  }

  /// The recipe with some values.
  func recipe(
    _ values: [(key: String, value: String)], name: String
  ) throws(Failure) -> TrainingRecipe {
    var tree = root
    var places: [Place] = []
    for (key, value) in values {
      let place = try self.place(of: key, value)
      places.append(place)
      let path = key.split(separator: ".").map(String.init)
      try tree.set(path[...], to: try RecipeNode(override: value, place: place))
    }
    do throws(Failure) {
      var recipe = try TrainingRecipe(
        RecipeSection(tree, path: nil, keys: TrainingRecipe.keys))
      recipe.data.test = nil
      return recipe
    } catch {
      // Where a value by itself is at fault, its place says so.
      let isAtValue = places.contains {
        $0.line != nil && $0.line == error.place?.line && $0.column == error.place?.column
      }
      guard !values.isEmpty, !isAtValue || values.count > 1 else { throw error }
      var failure = error
      let list = values.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
      failure.problem += ", in the setting \(name) of the \(whole) (\(list))"
      throw failure
    }
  }

  /// The place of a value in the list of a swept key, or that of the key's range.
  private func place(of key: String, _ value: String) throws(Failure) -> Place {
    let sweep = try section.section("sweep", keys: SweepOptions.keys)
    guard let node = sweep?.node("keys")?.entry(key) else { return section.place }
    let items: [RecipeNode]
    switch node.content {
    case .list(let list): items = list
    case .mapping:
      if case .list(let list)? = node.entry("choices")?.content { items = list } else { items = [] }
    case .null, .word: items = []
    }
    return items.first { $0.yaml == value }?.place ?? node.place
  }

  /// The value of a key in the recipe as it is written: that of the text, or the default.
  func written(_ key: String, in recipe: TrainingRecipe) -> String {
    if let node = root.value(at: key.split(separator: ".").map(String.init)[...]) {
      return node.yaml
    }
    if key == "loss", recipe.loss == LossSection() { return LossSection.defaultName }
    return recipe.values.first { $0.key == key }?.value
      ?? (recipe.values.contains { $0.key.hasPrefix(key + ".") } ? "{}" : "null")
  }
}

extension RecipeNode {
  /// The value of a key of a mapping.
  fileprivate func entry(_ name: String) -> RecipeNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.name == name }?.value
  }
}
