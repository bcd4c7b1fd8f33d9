package import JSON

extension LossDefinition {
  /// The definition as `ltr loss --list --json` prints it.
  package var json: JSONValue {
    [
      "name": .text(name), "aliases": .list(aliases.map { .text($0) }),
      "kind": .text(kind.rawValue), "meaning": .text(meaning), "source": .text(source),
      "needs_teacher": .flag(needsTeacher), "orders": .text(orders.rawValue),
      "options": .list(options.map(\.json)),
    ]
  }
}

extension LossOption {
  /// Name, type, default, bounds or choices, and meaning.
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .text(name), "default": defaultValue.json, "expected": .text(expectation),
      "meaning": .text(meaning),
    ]
    switch kind {
    case .number(_, let range):
      members["type"] = "number"
      members["minimum"] = .number(range.lowerBound)
      members["maximum"] = .number(range.upperBound)
    case .whole(_, let range):
      members["type"] = "integer"
      members["minimum"] = .whole(range.lowerBound)
      if range.upperBound < .max { members["maximum"] = .whole(range.upperBound) }
    case .choice(_, let words):
      members["type"] = "string"
      members["choices"] = .list(words.map { .text($0) })
    case .flag: members["type"] = "boolean"
    }
    return .object(members)
  }
}

extension OptionValue {
  /// The value; a number without a fraction as an integer.
  fileprivate var json: JSONValue {
    switch self {
    case .number(let number): Int(exactly: number).map { .whole($0) } ?? .number(number)
    case .text(let text): .text(text)
    case .flag(let flag): .flag(flag)
    }
  }
}
