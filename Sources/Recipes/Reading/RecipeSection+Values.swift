public import Diagnostics

/// The numbers a key may have.
public enum Bounds: Sendable, Equatable {
  /// From the first to the second, both included.
  case within(Double, Double)
  /// From the first, included, to below the second.
  case upTo(Double, below: Double)
  /// The number and everything above.
  case atLeast(Double)
  /// Everything above the number.
  case above(Double)
  /// Every number.
  case any

  func contains(_ value: Double) -> Bool {
    switch self {
    case .within(let low, let high): value >= low && value <= high
    case .upTo(let low, let high): value >= low && value < high
    case .atLeast(let low): value >= low
    case .above(let low): value > low
    case .any: true
    }
  }

  var description: String {
    switch self {
    case .within(let low, let high): "from \(plain(low)) to \(plain(high))"
    case .upTo(let low, let high): "from \(plain(low)) to below \(plain(high))"
    case .atLeast(let low): "from \(plain(low)) up"
    case .above(let low): "above \(plain(low))"
    case .any: "such as 12.5 or -3"
    }
  }
}

extension RecipeSection {
  /// The text at `key`. Throws `.badRecipe` where a list or mapping stands there or it is empty.
  public func text(_ key: String, expected: String = "a text") throws(Failure) -> String? {
    guard let node = node(key) else { return nil }
    guard case .word(let text, _) = node.content, !text.isEmpty else {
      throw wrong(key, node, expected: expected)
    }
    return text
  }

  /// The texts at `key`: one, or a list of at least one.
  public func texts(_ key: String, expected: String = "a list of texts") throws(Failure)
    -> [String]?
  {
    try list(key, expected: expected)?.map { $0.text }
  }

  /// The integer at `key`. `why` explains the range where that helps.
  public func integer(
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

  /// The number at `key`, finite. `5e-5` and `5.0e-5` are both numbers.
  public func number(_ key: String, _ bounds: Bounds) throws(Failure) -> Double? {
    guard let node = node(key) else { return nil }
    guard case .word(let text, quoted: false) = node.content, let value = finite(text),
      bounds.contains(value)
    else { throw wrong(key, node, expected: "a number \(bounds.description)") }
    return value
  }

  /// The numbers at `key`: exactly `count` of them.
  public func numbers(
    _ key: String, count: Int, _ bounds: Bounds
  ) throws(Failure) -> [Double]? {
    guard let node = node(key) else { return nil }
    let expected = "a list of \(count) numbers \(bounds.description)"
    guard case .list(let items) = node.content, items.count == count else {
      throw wrong(key, node, expected: expected)
    }
    var values: [Double] = []
    for item in items {
      guard case .word(let text, quoted: false) = item.content, let value = finite(text),
        bounds.contains(value)
      else { throw wrong(key, item, expected: expected) }
      values.append(value)
    }
    return values
  }

  /// `true` or `false` at `key`.
  public func flag(_ key: String) throws(Failure) -> Bool? {
    guard let node = node(key) else { return nil }
    if case .word(let text, quoted: false) = node.content {
      if ["true", "True", "TRUE"].contains(text) { return true }
      if ["false", "False", "FALSE"].contains(text) { return false }
    }
    throw wrong(key, node, expected: "true or false")
  }

  /// The word at `key`, one of the cases of `Choice`.
  public func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _: Choice.Type = Choice.self
  ) throws(Failure) -> Choice? {
    guard let node = node(key) else { return nil }
    guard case .word(let text, _) = node.content else {
      throw wrong(key, node, expected: oneOf(Choice.self))
    }
    return try choice(text, key, node)
  }

  /// The words at `key`, one or a list of at least one, none twice, each a case of `Choice`.
  public func choices<Choice: RawRepresentable<String> & CaseIterable & Equatable>(
    _ key: String, _: Choice.Type = Choice.self
  ) throws(Failure) -> [Choice]? {
    let expected = "a list of \(names(Choice.self))"
    guard let items = try list(key, expected: expected) else { return nil }
    var choices: [Choice] = []
    for (text, node) in items {
      let choice: Choice = try choice(text, key, node)
      if choices.contains(choice) {
        throw failure(key, node, "'\(text)' occurs twice", expected: expected)
      }
      choices.append(choice)
    }
    return choices
  }

  /// The words at `key` with their nodes: one, or a list of at least one.
  func list(
    _ key: String, expected: String
  ) throws(Failure) -> [(text: String, node: RecipeNode)]? {
    guard let node = node(key) else { return nil }
    let items: [RecipeNode] = if case .list(let items) = node.content { items } else { [node] }
    guard !items.isEmpty else {
      throw failure(key, node, "'\(key)' is an empty list", expected: expected)
    }
    var words: [(String, RecipeNode)] = []
    for item in items {
      guard case .word(let text, _) = item.content, !text.isEmpty else {
        throw wrong(key, item, expected: expected)
      }
      words.append((text, item))
    }
    return words
  }

  func wrong(_ key: String, _ node: RecipeNode, expected: String) -> Failure {
    failure(key, node, "'\(key)' cannot be \(node.description)", expected: expected)
  }

  private func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ text: String, _ key: String, _ node: RecipeNode
  ) throws(Failure) -> Choice {
    if let choice = Choice(rawValue: text) { return choice }
    var failure = wrong(key, node, expected: oneOf(Choice.self))
    failure.remedy = nearest(to: text, in: Choice.allCases.map(\.rawValue)).map { "write '\($0)'" }
    throw failure
  }
}

private func names<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> String {
  Choice.allCases.map(\.rawValue).joined(separator: ", ")
}

private func oneOf<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> String {
  Choice.allCases.count == 1 ? names(Choice.self) : "one of \(names(Choice.self))"
}

/// A finite number as YAML writes it; Swift's own reading would take `0x1p3` and `inf` as well.
func finite(_ text: String) -> Double? {
  guard text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }), let value = Double(text),
    value.isFinite
  else { return nil }
  return value
}

/// A number without a needless fraction.
func plain(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
