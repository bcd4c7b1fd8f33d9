import JSON

/// The description of a key for documentation and editors.
struct KeyDescription: Sendable {
  /// The key.
  var key: String
  /// Its meaning: a phrase without a full stop.
  var meaning: String
  /// Its values, as messages describe them: `an integer from 8 to 8192`.
  var type: String
  /// The range in short, for a comment beside a value; "" if the value shows it.
  var range: String
  /// Its values as JSON Schema.
  var schema: [String: JSONValue]
  /// The default as YAML; nil without a default.
  var value: String?
  /// The value in the recipe with every key, instead of the default.
  var example: String?
  /// YAML that shows an alternative form, including the key itself.
  var alternative: String?
  /// The key's name in earlier versions.
  var oldKey: String?
  /// Whether the keys of a section stand in place of each other, so that a file that extends another
  /// replaces the section as a whole.
  var isWhole = false
  /// The keys of a section; nil for a value.
  var keys: [KeyDescription]?
  /// The keys of each mapping of a list; they are not keys of the recipe or job themselves.
  var items: [KeyDescription]?
  /// The lines below the key in the recipe with every key, if it has no value on its own line.
  var sample: [String] = []
  /// A word that may stand in place of the section; nil for none.
  var word: String?
  /// Whether the key is required.
  var isRequired: Bool
  /// Whether the section is absent without the key.
  var isOptional = false
  /// Whether the recipe with every key includes an optional section.
  var isShown = false

  /// The description of a key with a value.
  init<Value>(
    _ key: String, _ kind: ValueKind<Value>, default value: String?, _ meaning: String
  ) {
    self.key = key
    self.meaning = meaning
    (type, range, schema) = (kind.type, kind.range, kind.schema)
    self.value = value
    isRequired = value == nil
  }

  /// The description of a key with a section.
  init(_ key: String, section keys: [KeyDescription], isRequired: Bool, _ meaning: String) {
    self.key = key
    self.meaning = meaning
    (type, range, schema) = ("a section", "", [:])
    self.keys = keys
    self.isRequired = isRequired
  }

  /// The dotted paths of the key and of all keys below it.
  func paths(under parent: String? = nil) -> [String] {
    let path = parent.map { "\($0).\(key)" } ?? key
    return [path] + (keys ?? []).flatMap { $0.paths(under: path) }
  }
}
