extension TrainingRecipe {
  /// All values, with the dotted paths of their keys, in the order of `resolved`.
  package var values: [(key: String, value: String)] {
    func values(_ entries: [Written.Entry], _ above: String) -> [(key: String, value: String)] {
      entries.flatMap { entry -> [(key: String, value: String)] in
        let key = above + entry.key
        switch entry.value {
        case .value(let value): return [(key, value)]
        case .mapping(let entries): return values(entries, key + ".")
        case .list(let items): return [(key, items.map(YAMLText.inline).joined(separator: ", "))]
        }
      }
    }
    return values(entries(.resolved), "")
  }

  /// The keys whose values are not the same in all of some recipes, each with a value for every one;
  /// nil where there is no recipe, or it does not have the key.
  package static func differences(
    _ recipes: [TrainingRecipe?]
  ) -> [(key: String, values: [String?])] {
    let all = recipes.map { recipe in
      recipe.map { Dictionary($0.values, uniquingKeysWith: { first, _ in first }) }
    }
    var keys: [String] = []
    for recipe in recipes {
      for (key, _) in recipe?.values ?? [] where !keys.contains(key) { keys.append(key) }
    }
    return keys.compactMap { key in
      let known = all.compactMap { $0 }.map { $0[key] }
      guard Set(known).count > 1 else { return nil }
      return (key, all.map { $0?[key] })
    }
  }
}
