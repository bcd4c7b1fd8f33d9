import Diagnostics
import JSON

/// JSON Schema (draft 7) of a recipe or job, for editors that complete and check YAML.
enum JSONSchema {
  /// The schema of a file.
  ///
  /// - Parameter definitions: the targets of `$ref`s in the keys.
  static func file(
    title: String, _ keys: [KeyDescription], definitions: [String: JSONValue]
  ) throws(Failure) -> String {
    // What is missing may be in the file that this one extends.
    var schema = mapping(keys, requires: false)
    schema["if"] = ["properties": ["extends": ["type": "string"]], "required": ["extends"]]
    schema["else"] = .object(requirements(keys))
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    schema["title"] = .text(title)
    var definitions = definitions
    definitions["variable"] = [
      "type": "string", "pattern": .text(#"\$\{[A-Za-z_][A-Za-z0-9_]*(:-.*)?\}"#),
      "description": "a variable of the environment: ${NAME} or ${NAME:-default}",
    ]
    schema["definitions"] = .object(definitions)
    return try JSONValue.object(schema).json(isPretty: true) + "\n"
  }

  /// The schema of a mapping with these keys and no others.
  ///
  /// - Parameter requires: whether keys without a default are required.
  static func mapping(
    _ keys: [KeyDescription], requires: Bool = true
  ) -> [String: JSONValue] {
    var properties: [String: JSONValue] = [:]
    for key in keys {
      properties[key.key] = .object(value(key, requires: requires))
      if let old = key.oldKey {
        var former = value(key, requires: requires)
        former["deprecationMessage"] = .text("'\(old)' is now '\(key.key)'")
        properties[old] = .object(former)
      }
    }
    let required = keys.filter(\.isRequired).map { JSONValue.text($0.key) }
    var schema: [String: JSONValue] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    if requires, !required.isEmpty { schema["required"] = .list(required) }
    return schema
  }

  /// The keys that are required, on all levels.
  private static func requirements(_ keys: [KeyDescription]) -> [String: JSONValue] {
    var schema: [String: JSONValue] = [:]
    let required = keys.filter(\.isRequired).map { JSONValue.text($0.key) }
    if !required.isEmpty { schema["required"] = .list(required) }
    var properties: [String: JSONValue] = [:]
    for key in keys {
      let below = requirements(key.keys ?? [])
      if !below.isEmpty { properties[key.key] = .object(below) }
    }
    if !properties.isEmpty { schema["properties"] = .object(properties) }
    return schema
  }

  private static func value(_ key: KeyDescription, requires: Bool) -> [String: JSONValue] {
    var schema = key.keys.map { mapping($0, requires: requires) } ?? key.schema.orVariable
    if let word = key.word { schema = ["anyOf": [["const": .text(word)], .object(schema)]] }
    return (key.isRequired ? schema : schema.nullable)
      .described(key.meaning, default: key.value)
  }
}

extension [String: JSONValue] {
  /// The schema with a variable of the environment as a further value, unless any text is one.
  var orVariable: [String: JSONValue] {
    let isText =
      switch self["type"] {
      case .text("string")?: true
      case .list(let types)?: types.contains(.text("string"))
      default: false
      }
    if isText, self["pattern"] == nil { return self }
    let variable: JSONValue = ["$ref": "#/definitions/variable"]
    if case .list(let forms)? = self["anyOf"], count == 1 {
      return ["anyOf": .list(forms + [variable])]
    }
    return ["anyOf": [.object(self), variable]]
  }

  /// The schema with null as a further value.
  var nullable: [String: JSONValue] {
    var schema = self
    switch schema["type"] {
    case .text(let type)?: schema["type"] = [.text(type), "null"]
    case .list(let types)?: schema["type"] = .list(types + ["null"])
    default:
      if case .list(let values)? = schema["enum"] {
        schema["enum"] = .list(values + [.null])
      } else if case .list(let forms)? = schema["anyOf"] {
        schema["anyOf"] = .list(forms + [["type": "null"]])
      }
    }
    return schema
  }

  /// The schema with a description and a default, which is given as YAML.
  func described(_ meaning: String, default value: String?) -> [String: JSONValue] {
    var schema = self
    schema["description"] = .text(value.map { "\(meaning) (default: \($0))" } ?? meaning)
    return schema
  }
}
