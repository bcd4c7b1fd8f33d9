import Diagnostics

/// The options of one loss, with a valid value of the right type for each.
struct LossOptions: Sendable {
  private(set) var values: [String: OptionValue]

  /// `given`, checked against `definition`, with defaults for the other options.
  ///
  /// - Throws: `Failure` (`.badRecipe`) for an undeclared name, with the nearest declared one, and
  ///   for an invalid value.
  init(_ given: [String: OptionValue], for definition: LossDefinition) throws(Failure) {
    values = Dictionary(
      uniqueKeysWithValues: definition.options.map { ($0.name, $0.defaultValue) })
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let option = definition.options.first(where: { $0.name == name }) else {
        throw Self.unknown(name, of: definition)
      }
      guard let read = option.reading(value) else {
        throw Failure(
          .badRecipe, "option '\(name)' of the loss '\(definition.name)' cannot be '\(value)'",
          expected: option.expectation,
          remedy: "\(name): \(option.meaning); the default is \(option.defaultValue)")
      }
      values[name] = read
    }
  }

  private static func unknown(_ name: String, of definition: LossDefinition) -> Failure {
    let names = definition.options.map(\.name)
    return Failure(
      .badRecipe, "the loss '\(definition.name)' has no option '\(name)'",
      expected: names.isEmpty ? "no options" : "one of \(names.joined(separator: ", "))",
      remedy: nearest(to: name, in: names).map { "write '\($0)'" }
        ?? "omit '\(name)'")
  }

  /// The value of a number option that the loss declares.
  func number(_ name: String) -> Double {
    guard case .number(let value) = values[name] else { undeclared(name) }
    return value
  }

  /// The value of an integer option that the loss declares.
  func whole(_ name: String) -> Int { Int(number(name)) }

  /// The value of a choice that the loss declares.
  func choice(_ name: String) -> String {
    guard case .text(let value) = values[name] else { undeclared(name) }
    return value
  }

  /// The value of a flag that the loss declares.
  func flag(_ name: String) -> Bool {
    guard case .flag(let value) = values[name] else { undeclared(name) }
    return value
  }

  private func undeclared(_ name: String) -> Never {
    preconditionFailure("a loss reads the option '\(name)', which it does not declare")
  }
}
