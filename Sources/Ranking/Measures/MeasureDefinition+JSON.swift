package import JSON

extension MeasureDefinition {
  /// The definition as `ltr evaluate --list-measures --json` prints it.
  package var json: JSONValue {
    [
      "name": .text(name), "aliases": .list(aliases.map { .text($0) }),
      "cutoff": .flag(takesCutoff), "meaning": .text(meaning), "source": .text(source),
      "parameters": .list(parameters.map(\.json)),
    ]
  }
}

extension MeasureParameter {
  /// Name, default, bounds or choices, and meaning.
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .text(name), "default": .text(defaultValue), "meaning": .text(meaning),
      "expected": .text(expectation),
    ]
    if let range {
      members["minimum"] = .number(range.lowerBound)
      members["maximum"] = .number(range.upperBound)
    }
    if !choices.isEmpty { members["choices"] = .list(choices.map { .text($0) }) }
    return .object(members)
  }
}
