import Diagnostics
import JSON
import Options

/// The range of a number.
enum Bounds: Sendable, Equatable {
  /// From the first to the second, both inclusive.
  case within(Double, Double)
  /// From the first, inclusive, to the second, exclusive.
  case upTo(Double, below: Double)
  /// From the first, exclusive, to the second, inclusive.
  case over(Double, upTo: Double)
  /// Between the two, both exclusive.
  case between(Double, Double)
  /// The number or greater.
  case atLeast(Double)
  /// Greater than the number.
  case above(Double)
  /// Any number.
  case any

  func contains(_ value: Double) -> Bool {
    switch self {
    case .within(let low, let high): value >= low && value <= high
    case .upTo(let low, let high): value >= low && value < high
    case .over(let low, let high): value > low && value <= high
    case .between(let low, let high): value > low && value < high
    case .atLeast(let low): value >= low
    case .above(let low): value > low
    case .any: true
    }
  }

  var description: String {
    switch self {
    case .within(let low, let high): "from \(plain(low)) to \(plain(high))"
    case .upTo(let low, let high): "from \(plain(low)) to below \(plain(high))"
    case .over(let low, let high): "above \(plain(low)) and up to \(plain(high))"
    case .between(let low, let high): "above \(plain(low)) and below \(plain(high))"
    case .atLeast(let low): "from \(plain(low)) up"
    case .above(let low): "above \(plain(low))"
    case .any: "such as 12.5 or -3"
    }
  }

  /// The description of a list of such numbers in messages.
  func listDescription(count: Int?) -> String {
    "a list of \(count.map { "\($0) " } ?? "")numbers \(description)"
  }

  /// The range in short; "" for any number.
  var range: String {
    switch self {
    case .within(let low, let high): "\(plain(low)) to \(plain(high))"
    case .upTo(let low, let high): "\(plain(low)) to below \(plain(high))"
    case .over(let low, let high): "above \(plain(low)), up to \(plain(high))"
    case .between(let low, let high): "above \(plain(low)), below \(plain(high))"
    case .atLeast(let low): "\(plain(low)) or more"
    case .above(let low): "above \(plain(low))"
    case .any: ""
    }
  }

  /// The numbers as JSON Schema.
  var schema: [String: JSONValue] {
    var schema: [String: JSONValue] = ["type": "number"]
    switch self {
    case .within(let low, let high):
      (schema["minimum"], schema["maximum"]) = (.number(low), .number(high))
    case .upTo(let low, let high):
      (schema["minimum"], schema["exclusiveMaximum"]) = (.number(low), .number(high))
    case .over(let low, let high):
      (schema["exclusiveMinimum"], schema["maximum"]) = (.number(low), .number(high))
    case .between(let low, let high):
      (schema["exclusiveMinimum"], schema["exclusiveMaximum"]) = (.number(low), .number(high))
    case .atLeast(let low): schema["minimum"] = .number(low)
    case .above(let low): schema["exclusiveMinimum"] = .number(low)
    case .any: break
    }
    return schema
  }
}

extension RecipeSection {
  /// The text at `key`. Throws `.badRecipe` if it is a list, a mapping or empty.
  func text(_ key: String, expected: String = "a text") throws(Failure) -> String? {
    guard let node = node(key) else { return nil }
    guard case .word(let text, _) = node.content, !text.isEmpty else {
      throw wrong(key, node, expected: expected)
    }
    return text
  }

  /// The integer at `key`. `why` explains the range if needed.
  func integer(
    _ key: String, in range: ClosedRange<Int>, why: String? = nil
  ) throws(Failure) -> Int? {
    guard let node = node(key) else { return nil }
    let span =
      range.upperBound == .max
      ? "from \(range.lowerBound) up" : "from \(range.lowerBound) to \(range.upperBound)"
    let expected = "an integer \(span)" + (why.map { ": \($0)" } ?? "")
    guard case .word(let text, quoted: false) = node.content, let value = Int(text),
      range.contains(value)
    else { throw wrong(key, node, expected: expected) }
    return value
  }

  /// The number at `key`, finite. `1e-3` and `1.0e-3` are both numbers.
  func number(_ key: String, _ bounds: Bounds) throws(Failure) -> Double? {
    guard let node = node(key) else { return nil }
    guard case .word(let text, quoted: false) = node.content, let value = finite(text),
      bounds.contains(value)
    else { throw wrong(key, node, expected: "a number \(bounds.description)") }
    return value
  }

  /// The numbers at `key`; exactly `count` of them if it is given.
  func numbers(
    _ key: String, count: Int?, _ bounds: Bounds
  ) throws(Failure) -> [Double]? {
    guard let node = node(key) else { return nil }
    let expected = bounds.listDescription(count: count)
    guard case .list(let items) = node.content, items.count == count ?? items.count else {
      throw wrong(key, node, expected: expected)
    }
    return try each(items) { (item, _) throws(Failure) in
      guard case .word(let text, quoted: false) = item.content, let value = finite(text),
        bounds.contains(value)
      else { throw wrong(key, item, expected: expected) }
      return value
    }
  }

  /// `true` or `false` at `key`.
  func flag(_ key: String) throws(Failure) -> Bool? {
    guard let node = node(key) else { return nil }
    if case .word(let text, quoted: false) = node.content {
      if ["true", "True", "TRUE"].contains(text) { return true }
      if ["false", "False", "FALSE"].contains(text) { return false }
    }
    throw wrong(key, node, expected: "true or false")
  }

  /// The word at `key`, one of several.
  func choice<Choice: RawRepresentable<String> & Equatable>(
    _ key: String, among choices: [Choice]
  ) throws(Failure) -> Choice? {
    guard let node = node(key) else { return nil }
    guard case .word(let text, _) = node.content else {
      throw wrong(key, node, expected: oneOf(choices.map(\.rawValue)))
    }
    return try choice(text, key, node, among: choices)
  }

  /// Ascending ranks at `key`.
  func ranks(_ key: String) throws(Failure) -> [Int]? {
    guard let node = node(key) else { return nil }
    let expected = "an ascending list of positive integers, such as [10, 30, 100]"
    guard case .list(let items) = node.content, !items.isEmpty else {
      throw wrong(key, node, expected: expected)
    }
    return try each(items) { (item, earlier) throws(Failure) in
      guard case .word(let text, quoted: false) = item.content, let rank = Int(text),
        rank > earlier.last ?? 0
      else { throw wrong(key, item, expected: expected) }
      return rank
    }
  }

  /// The words at `key` with their nodes: one, or a non-empty list.
  func list(
    _ key: String, expected: String
  ) throws(Failure) -> [(text: String, node: RecipeNode)]? {
    guard let node = node(key) else { return nil }
    let items: [RecipeNode] = if case .list(let items) = node.content { items } else { [node] }
    guard !items.isEmpty else {
      throw failure(key, node, "'\(key)' is an empty list", expected: expected)
    }
    return try each(items) { (item, _) throws(Failure) in
      guard case .word(let text, _) = item.content, !text.isEmpty else {
        throw wrong(key, item, expected: expected)
      }
      return (text, item)
    }
  }

  func wrong(_ key: String, _ node: RecipeNode, expected: String) -> Failure {
    failure(key, node, "'\(key)' cannot be \(node.description)", expected: expected)
  }

  /// The choice that a word at `key` names.
  func choice<Choice: RawRepresentable<String> & Equatable>(
    _ text: String, _ key: String, _ node: RecipeNode, among choices: [Choice]
  ) throws(Failure) -> Choice {
    if let choice = choices.first(where: { $0.rawValue == text }) { return choice }
    let words = choices.map(\.rawValue)
    var failure = wrong(key, node, expected: oneOf(words))
    failure.remedy = nearest(to: text, in: words).map { "write '\($0)'" }
    throw failure
  }
}

/// A finite number as YAML writes it.
func finite(_ text: String) -> Double? { finiteNumber(text) }

/// A number without a fraction if it is an integer.
func plain(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
