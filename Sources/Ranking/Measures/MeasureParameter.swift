/// A parameter in a measure's parentheses, such as `rel` in `P(rel=2)@10`.
public struct MeasureParameter: Sendable {
  /// A given value.
  enum Value: Sendable, Hashable {
    case number(Double)
    case word(String)
  }

  /// The type of a parameter's values.
  enum Kind: Sendable {
    /// A number above 0, printed without a fraction if it is an integer.
    case grade
    /// A number in a range, printed with a fraction as in Python.
    case real(ClosedRange<Double>)
    /// One of several words, printed in quotation marks.
    case choice([String])
    /// A boolean, written as in Python: True, False.
    case flag
  }

  /// The name before the equals sign.
  public let name: String
  /// Its effect, in a few words.
  public let meaning: String
  let kind: Kind
  /// The default.
  let standard: Value
  /// Whether an explicit value is printed even if it is the default. ir_measures omits defaults;
  /// without the persistence, however, the reader of a table cannot tell which RBP it is.
  let isAlwaysPrinted: Bool

  init(
    _ name: String, _ kind: Kind, default standard: Value, isAlwaysPrinted: Bool = false,
    _ meaning: String
  ) {
    (self.name, self.kind, self.standard) = (name, kind, standard)
    (self.isAlwaysPrinted, self.meaning) = (isAlwaysPrinted, meaning)
  }

  /// The lowest relevant grade, as in most measures.
  static let relevance = MeasureParameter(
    "rel", .grade, default: .number(1), "the least grade that counts as relevant")

  /// Whether unjudged documents are removed from the result first, as in most measures.
  static let judgedOnly = MeasureParameter(
    "judged_only", .flag, default: .word("False"),
    "whether unjudged documents are removed first (trec_eval's -J)")

  /// The default as it is written in a measure.
  public var defaultValue: String { text(of: standard) }

  /// The valid values, for messages.
  public var expectation: String {
    switch kind {
    case .grade: "\(name)= and a number above 0"
    case .real(let range): "\(name)= and a number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words): words.map { "\(name)='\($0)'" }.joined(separator: " or ")
    case .flag: "\(name)=True or \(name)=False"
    }
  }

  /// The range of valid values; nil if the type alone determines them.
  public var range: ClosedRange<Double>? {
    if case .real(let range) = kind { range } else { nil }
  }

  /// The valid words; empty for numbers.
  public var choices: [String] {
    switch kind {
    case .choice(let words): words
    case .flag: ["True", "False"]
    case .grade, .real: []
    }
  }

  /// The value parsed from `text`, or nil if it is not valid.
  func value(parsing text: String) -> Value? {
    switch kind {
    case .grade:
      guard let number = Double(text), number > 0, number.isFinite else { return nil }
      return .number(number)
    case .real(let range):
      guard let number = Double(text), range.contains(number) else { return nil }
      return .number(number)
    case .choice(let words):
      return words.contains(text) ? .word(text) : nil
    case .flag:
      return choices.contains(text) ? .word(text) : nil
    }
  }

  /// A value as it is written in a measure.
  func text(of value: Value) -> String {
    switch (value, kind) {
    case (.number(let number), .grade): Int(exactly: number).map(String.init) ?? "\(number)"
    case (.number(let number), _): "\(number)"
    case (.word(let word), .flag): word
    case (.word(let word), _): "'\(word)'"
    }
  }
}
