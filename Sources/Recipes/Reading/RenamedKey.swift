import Diagnostics

/// A key that had another name in earlier versions.
struct RenamedKey: Sendable {
  /// The sections that the key is in, from the outermost.
  var sections: [String]
  /// What it was called.
  var old: String
  /// What it is called.
  var name: String

  /// The dotted path of the old name.
  var oldPath: String { (sections + [old]).joined(separator: ".") }
  /// The dotted path of the name.
  var path: String { (sections + [name]).joined(separator: ".") }

  /// Those among some keys and all below them.
  static func all(in keys: [KeyDescription], sections: [String] = []) -> [RenamedKey] {
    keys.flatMap { key in
      let below = all(in: key.keys ?? [], sections: sections + [key.key])
      guard let old = key.oldKey else { return below }
      return [RenamedKey(sections: sections, old: old, name: key.key)] + below
    }
  }
}

extension RecipeNode {
  /// Gives a key with an old name its present one.
  ///
  /// - Returns: whether the old name had a value.
  /// - Throws: `badRecipe` where both have one.
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
        // The one that has a value, if either has, is the key.
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
