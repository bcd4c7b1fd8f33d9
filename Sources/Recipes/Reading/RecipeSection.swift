import Diagnostics

/// One mapping of a recipe or job: its keys, all of them known, with their positions in the text.
///
/// A section is opened with its valid keys; any other key in it is a failure that names the nearest
/// valid one. Methods return nil for a key that is missing or has no value, so that a default is
/// `?? …` and a required key uses `required`.
struct RecipeSection: Sendable {
  let entries: [RecipeNode.Entry]
  /// The position of the section.
  let place: Place
  private let path: String?
  private let keys: [String]

  /// Opens the recipe or job in `text`.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: the file's name in failures.
  ///   - overrides: `key.path=value` each, as for `--set`; later ones take precedence. The value is
  ///     YAML; an empty one means no value.
  ///   - keys: the keys of the outermost level.
  ///   - renamed: keys that had different names in earlier versions.
  ///   - note: receives a note on each old name in the text.
  ///
  /// Throws `.badRecipe`, and `.usage` for an override without `=`.
  init(
    text: String, file: String, overrides: [String] = [], keys: [String],
    renamed: [RenamedKey] = [], note: (String) -> Void = { _ in }
  ) throws(Failure) {
    var root = try RecipeNode(yaml: text, file: file)
    for option in overrides {
      guard let equals = option.firstIndex(of: "="), equals > option.startIndex else {
        throw Failure(
          .usage, "'\(override)\(option)' sets nothing", expected: "--set key.path=value",
          remedy: "write, for example, '--set training.epochs=5'")
      }
      let path = String(option[..<equals])
      let value = String(option[option.index(after: equals)...])
      let place = Place(override + path)
      let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      try root.set(parts[...], to: try RecipeNode(override: value, place: place))
    }
    for key in renamed {
      if try root.rename(key) { note("'\(key.oldPath)' is now '\(key.path)'") }
    }
    try self.init(root, path: nil, keys: keys)
  }

  init(_ node: RecipeNode, path: String?, keys: [String]) throws(Failure) {
    let place = located(node.place, path)
    guard case .mapping(let entries) = node.content else {
      throw Failure(
        .badRecipe, "expected keys, found \(node.description)", at: place,
        expected: "some of \(keys.joined(separator: ", "))",
        remedy: "write 'key: value' lines below each other, or { key: value, … }")
    }
    self.entries = entries
    self.place = place
    self.path = path
    self.keys = keys
    for entry in entries where !keys.contains(entry.name) {
      let near = nearest(to: entry.name, in: keys)
      throw Failure(
        .badRecipe, "unknown key '\(entry.name)'",
        at: located(entry.place, self.path(of: entry.name)),
        expected: "one of \(keys.joined(separator: ", "))",
        remedy: near.map { "write '\($0)'" })
    }
  }

  /// The dotted path of a key: `data.list.size`.
  func path(of key: String) -> String {
    path.map { "\($0).\(key)" } ?? key
  }

  /// The position of the value of `key`, or that of the section if it has none.
  func place(of key: String) -> Place {
    located(node(key)?.place ?? place, path(of: key))
  }

  /// The section at `key`, opened with its `keys`, or nil if there is none.
  func section(_ key: String, keys: [String]) throws(Failure) -> RecipeSection? {
    guard let node = node(key) else { return nil }
    return try RecipeSection(node, path: path(of: key), keys: keys)
  }

  /// `value`, or the failure that the key is required.
  func required<Value>(
    _ key: String, _ value: Value?, expected: String
  ) throws(Failure) -> Value {
    guard let value else {
      // A key may be present without a value.
      let entry = entries.first { $0.name == key }
      let found = entry.map { located($0.place, path(of: key)) }
      throw Failure(
        .badRecipe,
        "the key '\(path(of: key))' \(entry == nil ? "is missing" : "has no value")",
        at: found ?? place, expected: expected,
        remedy: entry == nil ? "add '\(key)'" : nil)
    }
    return value
  }

  /// The node at `key`; nil if it is missing or `null`.
  func node(_ key: String) -> RecipeNode? {
    precondition(keys.contains(key), "the section does not declare the key '\(key)'")
    guard let node = entries.first(where: { $0.name == key })?.value else { return nil }
    if case .null = node.content { return nil }
    return node
  }

  func failure(
    _ key: String, _ node: RecipeNode, _ problem: String, expected: String
  ) -> Failure {
    Failure(.badRecipe, problem, at: located(node.place, path(of: key)), expected: expected)
  }
}

private let override = "--set "

extension Place {
  /// Whether it is an override, whose name includes the path of its key.
  var isOverride: Bool { file.hasPrefix(override) }
}

/// A place with the path of its key, unless it is an override.
private func located(_ place: Place, _ path: String?) -> Place {
  var place = place
  if !place.isOverride { place.key = path }
  return place
}
