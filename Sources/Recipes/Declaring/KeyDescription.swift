import JSON

/// A key as people and editors are told of it.
struct KeyDescription: Sendable {
  /// The key.
  var key: String
  /// What it means: a phrase without a full stop.
  var meaning: String
  /// What values it takes, as messages say it: `an integer from 8 to 8192`.
  var type: String
  /// The same in short, for a comment beside a value; "" where the value says it.
  var range: String
  /// The values it takes, in the terms of JSON Schema.
  var schema: [String: JSONValue]
  /// The default as YAML; nil where there is none.
  var value: String?
  /// What the recipe with every key shows in place of the default.
  var example: String?
  /// YAML that shows what else may stand here, with the key itself.
  var alternative: String?
  /// What the key was called in earlier versions.
  var oldKey: String?
  /// The keys of a section; nil for a value.
  var keys: [KeyDescription]?
  /// The keys of each mapping of a list, which are no keys of the recipe or job themselves.
  var items: [KeyDescription]?
  /// The lines below the key in the recipe with every key, where it has no value on its own line.
  var sample: [String] = []
  /// Whether the key has to be there.
  var isRequired: Bool
  /// Whether there is no section where the key is not there.
  var isOptional = false
  /// Whether the recipe with every key has a section that need not be there.
  var isShown = false

  /// A key with a value.
  init<Value>(
    _ key: String, _ kind: ValueKind<Value>, default value: String?, _ meaning: String
  ) {
    self.key = key
    self.meaning = meaning
    (type, range, schema) = (kind.type, kind.range, kind.schema)
    self.value = value
    isRequired = value == nil
  }

  /// A key with a section.
  init(_ key: String, section keys: [KeyDescription], isRequired: Bool, _ meaning: String) {
    self.key = key
    self.meaning = meaning
    (type, range, schema) = ("a section", "", [:])
    self.keys = keys
    self.isRequired = isRequired
  }

  /// The dotted paths of the key and of all below it.
  func paths(under parent: String? = nil) -> [String] {
    let path = parent.map { "\($0).\(key)" } ?? key
    return [path] + (keys ?? []).flatMap { $0.paths(under: path) }
  }
}
