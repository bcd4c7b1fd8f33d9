/// Something that may stand in a measure's parentheses, such as `rel` in `P(rel=2)@10`.
public struct MeasureParameter: Sendable {
  /// A value as it was given.
  enum Value: Sendable, Hashable {
    case number(Double)
    case word(String)
  }

  /// What values there are.
  enum Kind: Sendable {
    /// A number above 0, printed without a fraction where it has none.
    case grade
    /// A number in a range, printed with a fraction as Python does.
    case real(ClosedRange<Double>)
    /// One of several words, printed in quotation marks.
    case choice([String])
    /// Yes or no, written as Python does: True, False.
    case flag
  }

  /// The name in front of the equals sign.
  public let name: String
  /// What it does, in a few words.
  public let meaning: String
  let kind: Kind
  /// The value where none is given.
  let standard: Value
  /// Whether a value that is given is printed even where it is the default. ir_measures leaves
  /// defaults out; without its persistence, though, a reader of a table cannot tell which RBP it
  /// is.
  let isAlwaysPrinted: Bool

  init(
    _ name: String, _ kind: Kind, default standard: Value, isAlwaysPrinted: Bool = false,
    _ meaning: String
  ) {
    (self.name, self.kind, self.standard) = (name, kind, standard)
    (self.isAlwaysPrinted, self.meaning) = (isAlwaysPrinted, meaning)
  }

  /// The least grade that counts as relevant, as most measures have it.
  static let relevance = MeasureParameter(
    "rel", .grade, default: .number(1), "the least grade that counts as relevant")

  /// Whether unjudged documents are removed from the result first, as most measures have
  /// it.
  static let judgedOnly = MeasureParameter(
    "judged_only", .flag, default: .word("False"),
    "whether unjudged documents are removed first (trec_eval's -J)")

  /// The default as it is written in a measure.
  public var defaultValue: String { text(of: standard) }

  /// What values may be given, for messages.
  public var expectation: String {
    switch kind {
    case .grade: "\(name)= and a number above 0"
    case .real(let range): "\(name)= and a number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words): words.map { "\(name)='\($0)'" }.joined(separator: " or ")
    case .flag: "\(name)=True or \(name)=False"
    }
  }

  /// The range of values, or what they are among; nil where the kind says it all.
  public var range: ClosedRange<Double>? {
    if case .real(let range) = kind { range } else { nil }
  }

  /// The words that may be given; empty for numbers.
  public var choices: [String] {
    switch kind {
    case .choice(let words): words
    case .flag: ["True", "False"]
    case .grade, .real: []
    }
  }

  /// The value written as `text`, or nil where it is none of this parameter's.
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
