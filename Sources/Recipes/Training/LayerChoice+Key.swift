import Diagnostics
import JSON
import Options

extension ValueKind where Value == LayerChoice {
  /// Numbers of layers, or `{ every: 2 }`.
  static var layerChoice: ValueKind {
    let expected = "a list such as [0, 2, 5], ascending from 0, or { every: 2 }"
    let layer: JSONValue = ["type": "integer", "minimum": 0, "maximum": 999]
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        if case .mapping = node.content {
          guard let step = try section.section(key, keys: ["every"])?.integer("every", in: 1...1000)
          else { throw section.wrong(key, node, expected: expected) }
          return .every(step)
        }
        guard let words = try section.list(key, expected: expected) else { return nil }
        var numbers: [Int] = []
        for (text, node) in words {
          guard let number = Int(text), (0..<1000).contains(number), number > numbers.last ?? -1
          else { throw section.wrong(key, node, expected: expected) }
          numbers.append(number)
        }
        return .numbers(numbers)
      },
      text: { choice in
        switch choice {
        case .numbers(let numbers): YAMLText.list(numbers.map(String.init))
        case .every(let step): "{ every: \(step) }"
        }
      }, type: expected,
      schema: [
        "anyOf": [
          layer, ["type": "array", "items": layer, "minItems": 1, "uniqueItems": true],
          [
            "type": "object", "properties": ["every": ["type": "integer", "minimum": 1]],
            "required": ["every"], "additionalProperties": false,
          ],
        ]
      ])
  }
}
