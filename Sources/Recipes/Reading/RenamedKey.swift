import Diagnostics

/// A key that had a different name in earlier versions.
struct RenamedKey: Sendable {
  /// The sections that contain the key, from the outermost.
  var sections: [String]
  /// Its name in earlier versions.
  var old: String
  /// Its current name.
  var name: String

  /// The dotted path of the old name.
  var oldPath: String { (sections + [old]).joined(separator: ".") }
  /// The dotted path of the current name.
  var path: String { (sections + [name]).joined(separator: ".") }

  /// The renamed keys among some keys and all keys below them.
  static func all(in keys: [KeyDescription], sections: [String] = []) -> [RenamedKey] {
    keys.flatMap { key in
      let below = all(in: key.keys ?? [], sections: sections + [key.key])
      guard let old = key.oldKey else { return below }
      return [RenamedKey(sections: sections, old: old, name: key.key)] + below
    }
  }
}

extension RecipeNode {
  /// Replaces the old name of a key by its current one.
  ///
  /// - Returns: whether the old name had a value.
  /// - Throws: `badRecipe` if both names have a value.
  mutating func rename(_ key: RenamedKey) throws(Failure) -> Bool {
    try rename(key, in: key.sections[...])
  }

  private mutating func rename(
    _ key: RenamedKey, in sections: ArraySlice<String>
  ) throws(Failure) -> Bool {
    guard case .mapping(var entries) = content else { return false }
    let name = sections.first ?? key.old
    guard let index = entries.firstIndex(where: { $0.name == name }) else { return false }
    if sections.isEmpty {
      let isGiven = !entries[index].value.isNull
      if let present = entries.firstIndex(where: { $0.name == key.name }) {
        if isGiven, !entries[present].value.isNull { throw both(key, at: entries[index].place) }
        // If either of the two has a value, that one is the key's.
        if isGiven { entries[present].value = entries[index].value }
        entries.remove(at: index)
      } else {
        entries[index].name = key.name
      }
      content = .mapping(entries)
      return isGiven
    }
    let isGiven = try entries[index].value.rename(key, in: sections.dropFirst())
    content = .mapping(entries)
    return isGiven
  }

  private func both(_ key: RenamedKey, at place: Place) -> Failure {
    var place = place
    if !place.isOverride { place.key = key.oldPath }
    return Failure(
      .badRecipe, "'\(key.old)' is the old name of '\(key.name)', and both are given", at: place,
      expected: "'\(key.name)' alone", remedy: "remove '\(key.old)'")
  }

  private var isNull: Bool { if case .null = content { true } else { false } }
}
