import JSON
import Ranking

extension KeyDescription {
  /// The key `loss` of a recipe.
  static var loss: KeyDescription {
    let term: JSONValue = ["$ref": "#/definitions/loss"]
    let kind = ValueKind<String>(
      read: { _, _ in nil }, text: YAMLText.word,
      type: "a name, { name: …, options }, or a list of these", range: "",
      schema: [
        "anyOf": [term, ["type": "array", "items": term, "minItems": 1]]
      ])
    var key = KeyDescription(
      "loss", kind, default: YAMLText.word(LossSection.defaultName),
      "the loss that training minimises: a name; a name with options, { name: lambdarank, … }; or a sum of "
        + "losses, each with a weight; 'ltr loss --list' lists the losses and their options")
    key.alternative = """
      loss:
        - { name: lambdarank, weight: 1 }
        - { name: bce, weight: 0.2 }
      """
    return key
  }
}

extension LossSection {
  /// The JSON Schema of a recipe's loss: its name, or a mapping with its options.
  static var schema: JSONValue {
    let losses = Losses.all.map { loss -> JSONValue in
      let names = ([loss.name] + loss.aliases).map(JSONValue.text)
      var properties: [String: JSONValue] = [
        "name": ["enum": .list(names)],
        "weight": ["type": ["number", "null"], "minimum": 0, "default": 1],
      ]
      for option in loss.options { properties[option.name] = option.schema }
      return [
        "type": "object", "description": .text(loss.meaning),
        "properties": .object(properties), "required": ["name"], "additionalProperties": false,
      ]
    }
    let names = Losses.all.flatMap { [$0.name] + $0.aliases }.map(JSONValue.text)
    return ["anyOf": .list([["enum": .list(names)]] + losses)]
  }
}

extension LossOption {
  /// The JSON Schema of the option.
  fileprivate var schema: JSONValue {
    let schema: [String: JSONValue]
    switch kind {
    case .number(_, let range):
      schema = ValueKind<Double>.number(.within(range.lowerBound, range.upperBound)).schema
    case .whole(_, let range): schema = ValueKind<Int>.integer(range).schema
    case .choice(_, let words):
      // YAML parses a word of digits as a number, which the reader accepts.
      let numbers = words.compactMap { Int($0) }.map(JSONValue.whole)
      schema = ["enum": .list(words.map(JSONValue.text) + numbers)]
    case .flag: schema = ValueKind<Bool>.flag.schema
    }
    return .object(schema.nullable.described(meaning, default: defaultValue.yaml))
  }
}
