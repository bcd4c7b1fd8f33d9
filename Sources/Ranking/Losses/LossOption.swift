/// The value of an option as it is written in a recipe or on the command line.
public enum OptionValue: Sendable, Hashable {
  /// A number.
  case number(Double)
  /// A word, or an unparsed number or flag, as in `--option sigma=2`.
  case text(String)
  /// true or false.
  case flag(Bool)
}

extension OptionValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, CustomStringConvertible
{
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A flag.
  public init(booleanLiteral value: Bool) { self = .flag(value) }

  /// The value as a recipe writes it; an integer has no fraction.
  public var description: String {
    switch self {
    case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
    case .text(let text): text
    case .flag(let flag): String(flag)
    }
  }
}

/// One option of a loss: its name, its values, and its effect.
public struct LossOption: Sendable, Equatable {
  /// The values of an option, with the default.
  public enum Kind: Sendable, Equatable {
    /// A number in a range.
    case number(default: Double, range: ClosedRange<Double>)
    /// An integer in a range.
    case whole(default: Int, range: ClosedRange<Int>)
    /// One of several words.
    case choice(default: String, among: [String])
    /// true or false.
    case flag(default: Bool)
  }

  /// The name, as in a recipe.
  public var name: String
  /// Its values.
  public var kind: Kind
  /// Its effect, in one sentence.
  public var meaning: String

  init(_ name: String, _ kind: Kind, _ meaning: String) {
    (self.name, self.kind, self.meaning) = (name, kind, meaning)
  }

  /// The default.
  public var defaultValue: OptionValue {
    switch kind {
    case .number(let value, _): .number(value)
    case .whole(let value, _): .number(Double(value))
    case .choice(let value, _): .text(value)
    case .flag(let value): .flag(value)
    }
  }

  /// The valid values, for messages: `a number from 0 to 1`.
  public var expectation: String {
    switch kind {
    case .number(_, let range):
      "a number from \(OptionValue.number(range.lowerBound))"
        + " to \(OptionValue.number(range.upperBound))"
    case .whole(_, let range):
      range.upperBound == .max
        ? "an integer, \(range.lowerBound) or more"
        : "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .choice(_, let choices): "one of \(choices.joined(separator: ", "))"
    case .flag: "true or false"
    }
  }

  /// `value` converted to this option's type; nil if it is not valid.
  func reading(_ value: OptionValue) -> OptionValue? {
    switch kind {
    case .number(_, let range):
      Self.number(value).flatMap { range.contains($0) ? .number($0) : nil }
    case .whole(_, let range):
      Self.number(value).flatMap(Int.init(exactly:)).flatMap {
        range.contains($0) ? .number(Double($0)) : nil
      }
    case .choice(_, let choices):
      choices.contains(value.description) ? .text(value.description) : nil
    case .flag:
      switch value {
      case .flag: value
      case .text(let text): Bool(text).map(OptionValue.flag)
      case .number: nil
      }
    }
  }

  private static func number(_ value: OptionValue) -> Double? {
    switch value {
    case .number(let number): number
    case .text(let text): Double(text)
    case .flag: nil
    }
  }
}
