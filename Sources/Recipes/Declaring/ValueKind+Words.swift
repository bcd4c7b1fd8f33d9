import Diagnostics
import JSON
import Options

extension ValueKind where Value == String {
  /// A text that is not empty; `what` is its description in messages.
  static func text(_ what: String) -> ValueKind {
    ValueKind(
      read: { (section, key) throws(Failure) in try section.text(key, expected: what) },
      text: YAMLText.word, type: what, schema: textSchema)
  }
}

/// The JSON Schema of a text; YAML parses `2024` as a number, which the reader accepts as a text.
let textSchema: [String: JSONValue] = ["type": ["string", "number"], "minLength": 1]

extension ValueKind where Value == Bool {
  /// true or false.
  static var flag: ValueKind {
    ValueKind(
      read: { (section, key) throws(Failure) in try section.flag(key) },
      text: { $0 ? "true" : "false" }, type: "true or false", schema: ["type": "boolean"])
  }
}

extension ValueKind where Value: RawRepresentable<String> & Equatable {
  /// One of several words.
  static func choice(among choices: [Value]) -> ValueKind {
    let words = choices.map(\.rawValue)
    return ValueKind(
      read: { (section, key) throws(Failure) in try section.choice(key, among: choices) },
      text: { YAMLText.word($0.rawValue) }, type: oneOf(words), range: alternatives(words),
      schema: ["enum": .list(words.map(JSONValue.text))])
  }
}

extension ValueKind where Value: RawRepresentable<String> & Equatable & CaseIterable {
  /// One of the cases of a type.
  static var choice: ValueKind { choice(among: Array(Value.allCases)) }
}

extension ValueKind {
  /// One or more words without duplicates.
  static func choices<Choice>() -> ValueKind
  where
    Value == [Choice], Choice: RawRepresentable<String> & Equatable & CaseIterable & Sendable
  {
    let all = Array(Choice.allCases)
    let words = all.map(\.rawValue)
    let expected = "a list of \(words.joined(separator: ", "))"
    return .listed(
      expected, range: alternatives(words), item: ["enum": .list(words.map(JSONValue.text))],
      isUnique: true
    ) { (section, key, word, earlier) throws(Failure) in
      let choice: Choice = try section.choice(word.text, key, word.node, among: all)
      try section.require(choice, notIn: earlier, key, word, expected: expected)
      return choice
    } text: {
      YAMLText.list($0.map { YAMLText.word($0.rawValue) })
    }
  }
}

extension ValueKind where Value == Interval {
  /// An interval of training.
  static var interval: ValueKind {
    let expected = "an interval such as '100 steps' or '1 epoch'"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        guard case .word(let text, _) = node.content, let interval = Interval(text) else {
          throw section.wrong(key, node, expected: expected)
        }
        return interval
      },
      text: \.description, type: expected, range: "such as 100 steps or 1 epoch",
      schema: ["type": "string", "pattern": "^0*[1-9][0-9]* (steps?|epochs?)$"])
  }
}

extension ValueKind where Value == ByteCount {
  /// An amount of memory.
  static var byteCount: ValueKind {
    let expected = "an amount of memory such as '800 MB' or '2 GiB'"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        guard case .word(let text, _) = node.content, let count = ByteCount(text) else {
          throw section.wrong(key, node, expected: expected)
        }
        return count
      },
      text: { YAMLText.word($0.description) }, type: expected, range: "such as 800 MB or 2 GiB",
      schema: ["type": "string", "pattern": "^[0-9.eE+-]+ *[KMGT]i?B$"])
  }
}

/// `a, b or c`.
func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

/// The description of a choice in messages.
func oneOf(_ words: [String]) -> String {
  words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
}
