/// The definition of a measure: its names, parameters, meaning and source.
public struct MeasureDefinition: Sendable {
  let described: MeasureDescription
  let function: @Sendable (MeasureParameters) -> any MeasureFunction

  /// The definition of a type, as the registry lists it.
  init<Function: MeasureFunction>(_: Function.Type) {
    described = Function.description
    function = { Function($0) }
  }

  /// The name in ir_measures.
  public var name: String { described.name }
  /// Other accepted names.
  public var aliases: [String] { described.aliases }
  /// Its computation, in one sentence.
  public var meaning: String { described.meaning }
  /// The paper that defines it.
  public var source: String { described.source }
  /// Whether `@k` may follow the name.
  public var takesCutoff: Bool { described.takesCutoff }
  /// The parameters that may be given in parentheses.
  public var parameters: [MeasureParameter] {
    described.parameters + (described.takesJudgedOnly ? [.judgedOnly] : [])
  }
}

extension MeasureDefinition: CustomStringConvertible {
  /// The definition as `ltr evaluate --list-measures` prints it: a line for the measure, and one
  /// for each parameter.
  public var description: String {
    let names = ([name + (takesCutoff ? "[@k]" : "")] + aliases).joined(separator: ", ")
    return
      (["\(names)  \(meaning) (\(source))"]
      + parameters.map { "  \($0.expectation), default \($0.defaultValue): \($0.meaning)" })
      .joined(separator: "\n")
  }
}
