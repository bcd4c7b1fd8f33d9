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
    var schema = mapping(keys)
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    schema["title"] = .text(title)
    if !definitions.isEmpty { schema["definitions"] = .object(definitions) }
    return try JSONValue.object(schema).json(isPretty: true) + "\n"
  }

  /// The schema of a mapping with these keys and no others.
  static func mapping(_ keys: [KeyDescription]) -> [String: JSONValue] {
    var properties: [String: JSONValue] = [:]
    for key in keys {
      properties[key.key] = .object(value(key))
      if let old = key.oldKey {
        var former = value(key)
        former["deprecationMessage"] = .text("'\(old)' is now '\(key.key)'")
        properties[old] = .object(former)
      }
    }
    let required = keys.filter(\.isRequired).map { JSONValue.text($0.key) }
    var schema: [String: JSONValue] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    if !required.isEmpty { schema["required"] = .list(required) }
    return schema
  }

  private static func value(_ key: KeyDescription) -> [String: JSONValue] {
    let schema = key.keys.map(mapping) ?? key.schema
    return (key.isRequired ? schema : schema.nullable)
      .described(key.meaning, default: key.value)
  }
}

extension [String: JSONValue] {
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
