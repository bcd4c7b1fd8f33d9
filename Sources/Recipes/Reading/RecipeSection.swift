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
  /// Receives mistakes, so that the next key can be read; nil if the first one ends reading.
  let problems: Problems?
  /// The number of mistakes before the section was opened.
  let problemsBefore: Int
  private let path: String?
  private let keys: [String]
  /// The failures for unknown keys, by the known key that each is nearest to.
  private var misspelled: [String: Failure] = [:]

  /// Opens a section.
  ///
  /// - Parameters:
  ///   - path: the dotted path of the section; nil for the whole recipe or job.
  ///   - keys: the keys that it may have.
  ///   - problems: receives unknown keys; without it the first one is thrown.
  init(
    _ node: RecipeNode, path: String?, keys: [String], problems: Problems? = nil
  ) throws(Failure) {
    self.problems = problems
    problemsBefore = problems?.count ?? 0
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
      let failure = Failure(
        .badRecipe, "unknown key '\(entry.name)'",
        at: located(entry.place, self.path(of: entry.name)),
        expected: "one of \(keys.joined(separator: ", "))",
        remedy: near.map { "write '\($0)'" })
      guard let problems else { throw failure }
      problems.add(failure)
      if let near { misspelled[near] = failure }
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
    return try RecipeSection(node, path: path(of: key), keys: keys, problems: problems)
  }

  /// `value`, or the failure that the key is required.
  func required<Value>(
    _ key: String, _ value: Value?, expected: String
  ) throws(Failure) -> Value {
    guard let value else {
      // The key is not missing but misspelled.
      if let failure = misspelled[key] { throw failure }
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

  /// The failure of an unknown key that was meant as one of several; nil if there is none.
  func misspelling(of keys: [String]) -> Failure? {
    keys.lazy.compactMap { misspelled[$0] }.first
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

extension RecipeSection {
  /// Reads a part of the section; a mistake in it does not end reading if there is `problems`.
  func collect(_ body: () throws(Failure) -> Void) throws(Failure) {
    guard let problems else { return try body() }
    problems.collect(body)
  }

  /// Reads the items of a list one by one; nil if one of them has a mistake, which does not end
  /// reading if there is `problems`.
  ///
  /// - Parameter read: reads an item, given the values of those before it.
  func each<Item, Value>(
    _ items: [Item], _ read: (Item, [Value]) throws(Failure) -> Value
  ) throws(Failure) -> [Value]? {
    var values: [Value] = []
    for item in items {
      try collect { () throws(Failure) in values.append(try read(item, values)) }
    }
    return values.count == items.count ? values : nil
  }

  /// Whether the section has been read without a mistake.
  var isIntact: Bool { problems.map { $0.count == problemsBefore } ?? true }
}

extension Place {
  /// The beginning of the name of a value of the command line.
  static let override = "--set "

  /// Whether it is an override, whose name includes the path of its key.
  var isOverride: Bool { file.hasPrefix(Self.override) }
}

/// A place with the path of its key, unless it is an override.
private func located(_ place: Place, _ path: String?) -> Place {
  var place = place
  if !place.isOverride { place.key = path }
  return place
}
