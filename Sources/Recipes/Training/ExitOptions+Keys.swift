import Diagnostics
import JSON
import Options

/// `model.exits`: early exits.
extension ExitOptions: Section {
  static let defaults = ExitOptions()

  static let options: [Option<ExitOptions>] = [
    .required(
      "layers", \.layers, .exitLayers, expected: "the numbers of layers, such as [2, 4]",
      example: [2, 4],
      "the numbers of layers after which there is an exit, such as [2, 4]; at most 4, all below the "
        + "model's number of layers"),
    .init(
      "head", \.head, .choice,
      "the score head of an exit: own, which starts as a copy of the model's; or shared, the model's "
        + "itself"),
    .init(
      "weights", \.weights, .exitWeights,
      "the weight of the loss of an exit's scores, beside 1 for those of the last layer; or a list with "
        + "one for each exit"),
    .init(
      "loss", \.loss, .number(.between(0, 1)),
      "how much evaluation.select may fall on data.dev when candidates leave at the exits; the share "
        + "that goes on at each exit is chosen for it at the end of training"),
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard weights.count == 1 || weights.count == layers.count else {
      throw Failure(
        .badRecipe, "\(weights.count) weights for \(layers.count) exits",
        at: section.place(of: "weights"),
        expected: "one weight for all exits, or one for each in the order of 'layers'")
    }
  }
}

extension ValueKind where Value == [Int] {
  /// Numbers of layers in ascending order.
  fileprivate static var exitLayers: ValueKind {
    let expected = "1 to 4 different numbers of layers in ascending order, such as [2, 4]"
    let item: JSONValue = ["type": "integer", "minimum": 1, "maximum": 999]
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let words = try section.list(key, expected: expected) else { return nil }
        var layers: [Int] = []
        for (text, node) in words {
          guard let layer = Int(text), (1..<1000).contains(layer), layers.last ?? 0 < layer,
            layers.count < 4
          else { throw section.wrong(key, node, expected: expected) }
          layers.append(layer)
        }
        return layers
      },
      text: { layers in
        layers.count == 1 ? "\(layers[0])" : YAMLText.list(layers.map { "\($0)" })
      }, type: "a list of numbers of layers", range: "1 to 4 numbers in ascending order",
      schema: [
        "anyOf": [
          item,
          ["type": "array", "items": item, "minItems": 1, "maxItems": 4, "uniqueItems": true],
        ]
      ])
  }
}

extension ValueKind where Value == [Double] {
  /// One weight, or several.
  fileprivate static var exitWeights: ValueKind {
    let bounds = Bounds.over(0, upTo: 100)
    let expected = "a number \(bounds.description), or a list of such numbers"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let words = try section.list(key, expected: expected) else { return nil }
        var weights: [Double] = []
        for (text, node) in words {
          guard case .word(_, quoted: false) = node.content, let weight = finite(text),
            bounds.contains(weight)
          else { throw section.wrong(key, node, expected: expected) }
          weights.append(weight)
        }
        return weights
      },
      text: { weights in
        weights.count == 1
          ? YAMLText.number(weights[0]) : YAMLText.list(weights.map(YAMLText.number))
      }, type: expected, range: bounds.range,
      schema: [
        "anyOf": [
          .object(bounds.schema),
          ["type": "array", "items": .object(bounds.schema), "minItems": 1, "maxItems": 4],
        ]
      ])
  }
}
