import Diagnostics
import JSON

/// The type of a key's values: reading, writing, and their description in documentation and
/// editors.
struct ValueKind<Value: Sendable>: Sendable {
  /// Reads the value at a key; nil if there is none.
  let read: @Sendable (RecipeSection, String) throws(Failure) -> Value?
  /// A value as YAML that reads back as the same.
  let text: @Sendable (Value) -> String
  /// The description of the values in messages.
  let type: String
  /// The range in short.
  var range = ""
  /// The values as JSON Schema.
  let schema: [String: JSONValue]

  /// The same values, converted to a different type.
  func map<Other: Sendable>(
    _ from: @escaping @Sendable (Value) -> Other, _ to: @escaping @Sendable (Other) -> Value
  ) -> ValueKind<Other> {
    ValueKind<Other>(
      read: { [read] (section, key) throws(Failure) in try read(section, key).map(from) },
      text: { [text] in text(to($0)) }, type: type, range: range, schema: schema)
  }
}

extension ValueKind where Value == Int {
  /// An integer in a range; `why` explains the range if needed.
  static func integer(_ range: ClosedRange<Int>, why: String? = nil) -> ValueKind {
    let isOpen = range.upperBound == .max
    let span =
      isOpen
      ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    var schema: [String: JSONValue] = [
      "type": "integer", "minimum": .whole(range.lowerBound),
    ]
    if !isOpen { schema["maximum"] = .whole(range.upperBound) }
    return ValueKind(
      read: { (section, key) throws(Failure) in try section.integer(key, in: range, why: why) },
      text: { "\($0)" },
      type: "an integer from " + (isOpen ? "\(range.lowerBound) up" : span), range: span,
      schema: schema)
  }
}

extension ValueKind where Value == UInt64 {
  /// The seed of random numbers.
  static var seed: ValueKind {
    ValueKind<Int>.integer(0...Int.max).map({ UInt64($0) }, { Int($0) })
  }
}

extension ValueKind where Value == Double {
  /// A finite number.
  static func number(_ bounds: Bounds) -> ValueKind {
    ValueKind(
      read: { (section, key) throws(Failure) in try section.number(key, bounds) },
      text: YAMLText.number, type: "a number \(bounds.description)", range: bounds.range,
      schema: bounds.schema)
  }
}

extension ValueKind where Value == [Double] {
  /// Finite numbers; `count` of them if it is given.
  static func numbers(count: Int? = nil, _ bounds: Bounds) -> ValueKind {
    var schema: [String: JSONValue] = ["type": "array", "items": .object(bounds.schema)]
    if let count { (schema["minItems"], schema["maxItems"]) = (.whole(count), .whole(count)) }
    return ValueKind(
      read: { (section, key) throws(Failure) in
        try section.numbers(key, count: count, bounds)
      },
      text: { YAMLText.list($0.map(YAMLText.number)) },
      type: bounds.listDescription(count: count), range: bounds.range, schema: schema)
  }
}

extension ValueKind where Value == Double? {
  /// A number, or a word for no value.
  ///
  /// - Parameters:
  ///   - range: the range in short.
  ///   - isZeroNone: whether 0 also means no value, and is written for it.
  static func numberOrNone(
    _ bounds: Bounds, type: String, range: String, isZeroNone: Bool = false
  ) -> ValueKind {
    ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        if case .word(let text, quoted: false) = node.content {
          if text == "none" { return .some(nil) }
          if let number = finite(text), bounds.contains(number) {
            return .some(isZeroNone && number == 0 ? nil : number)
          }
        }
        throw section.wrong(key, node, expected: type)
      },
      text: { $0.map(YAMLText.number) ?? (isZeroNone ? "0" : "none") }, type: type, range: range,
      schema: ["anyOf": [["const": "none"], .object(bounds.schema)]])
  }
}

extension ValueKind where Value == [Int] {
  /// Ascending ranks.
  static var ranks: ValueKind {
    ValueKind(
      read: { (section, key) throws(Failure) in try section.ranks(key) },
      text: { YAMLText.list($0.map(String.init)) },
      type: "an ascending list of positive integers, such as [10, 30, 100]",
      range: "ascending ranks",
      schema: ["type": "array", "minItems": 1, "items": ["type": "integer", "minimum": 1]])
  }
}
