import Diagnostics
import JSON
import Options

/// `sweep.keys`: dotted paths of keys with the values that they take.
extension Option where Root == SweepOptions {
  static var sweptKeys: Option {
    let paths = TrainingRecipe.sweepablePaths
    let pair: JSONValue = ["type": "array", "minItems": 2, "maxItems": 2]
    let ranges: [String: JSONValue] = [
      "type": "object", "minProperties": 1, "maxProperties": 2, "additionalProperties": false,
      "patternProperties": [
        "^(uniform|log_uniform|integers)$": pair, "^choices$": ["type": "array", "minItems": 1],
        "^points$": ["type": "integer", "minimum": 2],
      ],
    ]
    let kind = ValueKind<String>(
      read: { _, _ in nil }, text: { $0 },
      type: "dotted paths of keys, each with a list of values or a range", range: "",
      schema: [
        "type": "object", "minProperties": 1,
        "propertyNames": ["enum": .list(paths.map(JSONValue.text))],
        "additionalProperties": [
          "anyOf": [["type": "array", "minItems": 1], .object(ranges)]
        ],
      ])
    var description = KeyDescription(
      "keys", kind, default: "null",
      "what differs between settings: a list of values, or { uniform: [0, 0.3] }, "
        + "{ log_uniform: [1.0e-6, 1.0e-4] }, { integers: [2, 8] }, in a grid with 'points'")
    description.example = "{ optimizer.lr: [1.0e-5, 3.0e-5], loss: [lambdarank, softmax] }"
    return .custom(
      description,
      read: { (section, root) throws(Failure) in root.keys = try SweepOptions.keys(in: section) },
      write: { root, _ in
        .mapping(root.keys.map { .init(key: $0.path, value: .value($0.written)) })
      })
  }
}

extension SweepOptions {
  private static let expectedValues =
    "a list of values, { uniform: [from, to] }, { log_uniform: [from, to] } or { integers: [from, to] }"

  /// The place of a swept key's values; that of the section if it is not there.
  static func place(of path: String, in section: RecipeSection) -> Place {
    guard let node = section.node("keys"), case .mapping(let entries) = node.content,
      let entry = entries.first(where: { $0.name == path })
    else { return section.place(of: "keys") }
    return section.failure("keys", entry.value, "", expected: "").place ?? section.place
  }

  fileprivate static func keys(in section: RecipeSection) throws(Failure) -> [Key] {
    guard let node = section.node("keys") else { return [] }
    guard case .mapping(let entries) = node.content else {
      throw section.wrong("keys", node, expected: "dotted paths of keys with their values")
    }
    var keys: [Key] = []
    for entry in entries {
      try requireSweepable(entry, keys.map(\.path), section)
      keys.append(try key(entry, in: section))
    }
    return keys
  }

  /// Rejects a key that does not exist, or whose values would make runs incomparable.
  private static func requireSweepable(
    _ entry: RecipeNode.Entry, _ others: [String], _ section: RecipeSection
  ) throws(Failure) {
    let name = entry.name
    func failure(_ problem: String, expected: String, remedy: String?) -> Failure {
      var place = entry.place
      if !place.isOverride { place.key = section.path(of: "keys") + "." + name }
      return Failure(.badRecipe, problem, at: place, expected: expected, remedy: remedy)
    }
    if let reason = TrainingRecipe.fixedInSweeps.first(where: {
      name == $0.path || name.hasPrefix($0.path + ".")
    }) {
      throw failure(
        "'\(name)' has to be the same in all runs of a sweep", expected: reason.expected,
        remedy: reason.remedy)
    }
    let paths = TrainingRecipe.sweepablePaths
    guard paths.contains(name) else {
      let last = name.split(separator: ".").last.map(String.init) ?? name
      let same = paths.filter { $0.hasSuffix("." + last) }
      let near = nearest(to: name, in: paths).map { [$0] } ?? same
      throw failure(
        "unknown key '\(name)'", expected: "the dotted path of a key, such as optimizer.lr",
        remedy: near.isEmpty
          ? "Documentation/Keys.md lists the keys"
          : "write " + near.map { "'\($0)'" }.joined(separator: " or "))
    }
    if let other = others.first(where: {
      $0.hasPrefix(name + ".") || name.hasPrefix($0 + ".")
    }) {
      throw failure(
        "'\(name)' and '\(other)' contain one another", expected: "keys that are set apart",
        remedy: "sweep one of the two")
    }
  }

  private static func key(
    _ entry: RecipeNode.Entry, in section: RecipeSection
  ) throws(Failure) -> Key {
    if case .list(let items) = entry.value.content {
      return Key(path: entry.name, values: try choices(items, entry.value, section))
    }
    let words = ["uniform", "log_uniform", "integers", "choices"]
    guard case .mapping(let parts) = entry.value.content,
      parts.contains(where: { words.contains($0.name) })
    else {
      var failure = section.wrong("keys", entry.value, expected: expectedValues)
      failure.problem = "'\(entry.name)' cannot take \(entry.value.description) in a sweep"
      if case .word(let text, _) = entry.value.content {
        failure.remedy = "write '[\(text), …]', or set the key in the recipe itself"
      }
      if case .mapping = entry.value.content {
        failure.remedy =
          "write keys within sections by their dotted paths: '\(entry.name).KEY: […]'"
      }
      throw failure
    }
    let range = try RecipeSection(
      entry.value, path: section.path(of: "keys") + "." + entry.name, keys: words + ["points"])
    guard parts.filter({ $0.name != "points" }).count == 1 else {
      throw Failure(
        .badRecipe, "'\(entry.name)' has more than one kind of values", at: range.place,
        expected: expectedValues, remedy: "keep one of them")
    }
    let points = try range.integer("points", in: 2...10_000)
    if let node = range.node("choices") {
      guard case .list(let items) = node.content else {
        throw range.wrong("choices", node, expected: "a list of values")
      }
      if points != nil {
        throw Failure(
          .badRecipe, "'points' applies only to ranges", at: range.place(of: "points"),
          expected: "'choices' by itself", remedy: "remove 'points'")
      }
      return Key(path: entry.name, values: try choices(items, node, section))
    }
    return Key(path: entry.name, values: try ends(range), points: points)
  }

  private static func choices(
    _ items: [RecipeNode], _ node: RecipeNode, _ section: RecipeSection
  ) throws(Failure) -> Values {
    guard !items.isEmpty else {
      throw section.failure("keys", node, "the list of values is empty", expected: "values")
    }
    var values: [String] = []
    for item in items {
      let value = item.yaml
      guard !values.contains(value) else {
        throw section.failure(
          "keys", item, "'\(value)' occurs twice", expected: "every value once")
      }
      values.append(value)
    }
    return .choices(values)
  }

  /// Both ends of a range.
  private static func ends(_ range: RecipeSection) throws(Failure) -> Values {
    if range.node("integers") != nil {
      let numbers = try range.numbers("integers", count: 2, .within(-1e9, 1e9)) ?? []
      let whole = numbers.compactMap { Int(exactly: $0) }
      guard whole.count == 2, whole[0] < whole[1] else {
        throw wrongEnds(range, "integers", "two integers, the smaller one first")
      }
      return .integers(whole[0], whole[1])
    }
    let isLog = range.node("log_uniform") != nil
    let key = isLog ? "log_uniform" : "uniform"
    let numbers = try range.numbers(key, count: 2, isLog ? .above(0) : .any) ?? []
    guard numbers.count == 2, numbers[0] < numbers[1] else {
      throw wrongEnds(range, key, "two numbers, the smaller one first")
    }
    return isLog ? .logUniform(numbers[0], numbers[1]) : .uniform(numbers[0], numbers[1])
  }

  private static func wrongEnds(
    _ range: RecipeSection, _ key: String, _ expected: String
  ) -> Failure {
    Failure(
      .badRecipe, "'\(key)' has no range", at: range.place(of: key),
      expected: expected + ", as in [1, 10]")
  }
}

extension SweepOptions.Key {
  /// The values as YAML.
  fileprivate var written: String {
    func range(_ name: String, _ low: String, _ high: String) -> String {
      let points = points.map { ", points: \($0)" } ?? ""
      return "{ \(name): [\(low), \(high)]\(points) }"
    }
    return switch values {
    case .choices(let values): YAMLText.list(values)
    case .uniform(let low, let high):
      range("uniform", YAMLText.number(low), YAMLText.number(high))
    case .logUniform(let low, let high):
      range("log_uniform", YAMLText.number(low), YAMLText.number(high))
    case .integers(let low, let high): range("integers", "\(low)", "\(high)")
    }
  }
}

extension TrainingRecipe {
  /// Keys that cannot differ between the runs of a sweep, with what is expected in their place.
  static let fixedInSweeps: [(path: String, expected: String, remedy: String)] = [
    ("sweep", "keys of the recipe that is run", "remove it"),
    ("extends", "keys of the recipe that is run", "sweep the keys that the recipes differ in"),
    ("output", "one folder for the sweep, which names those of its runs", "remove it"),
    ("training.seed", "'sweep.seeds', with which every setting is run", "write 'seeds: [1, 2]'"),
    ("data.dev", "the same queries for all runs, which are compared on them", "remove it"),
    (
      "data.test", "the same queries, on which only the chosen run is measured", "remove it"
    ),
    (
      "evaluation.measures", "the same measures for all runs",
      "name all measures in the recipe itself"
    ),
    ("evaluation.select", "one measure, by which runs are compared", "set it in the recipe itself"),
  ]

  /// The dotted paths of keys that may differ between the runs of a sweep. They are made from the other
  /// sections alone, since the description of this one names them.
  static let sweepablePaths: [String] = options.filter { $0.key != "sweep" }.flatMap {
    $0.describe(defaults).paths()
  }.filter { path in
    !["data", "evaluation", "training"].contains(path)
      && !fixedInSweeps.contains { path == $0.path || path.hasPrefix($0.path + ".") }
  }
}
