import Diagnostics

/// `freeze: [embeddings, layers 0-3]`: parts of the encoder that stay as they are.
public enum FrozenPart: Sendable, Equatable, CustomStringConvertible {
  /// Words, positions and types.
  case embeddings
  /// Layers, from 0.
  case layers(ClosedRange<Int>)

  /// The part as a recipe writes it.
  public var description: String {
    switch self {
    case .embeddings: "embeddings"
    case .layers(let range):
      range.count == 1
        ? "layer \(range.lowerBound)" : "layers \(range.lowerBound)-\(range.upperBound)"
    }
  }

  /// Reads `embeddings`, `layer 5`, `layers 0-3`; nil for anything else.
  init?(_ text: String) {
    if text == "embeddings" {
      self = .embeddings
      return
    }
    let words = text.split(separator: " ")
    guard words.count == 2, ["layer", "layers"].contains(words[0]) else { return nil }
    let numbers = words[1].split(separator: "-", omittingEmptySubsequences: false).map {
      $0.allSatisfy(\.isNumber) ? Int($0) : nil
    }
    guard (1...2).contains(numbers.count), let first = numbers[0],
      let last = numbers[numbers.count - 1], first <= last, last < 1000
    else { return nil }
    self = .layers(first...last)
  }
}

extension RecipeSection {
  /// The parts at `key`.
  func frozenParts(_ key: String) throws(Failure) -> [FrozenPart]? {
    let expected = "a list such as [embeddings, layers 0-3]"
    guard let texts = try texts(key, expected: expected) else { return nil }
    var parts: [FrozenPart] = []
    for text in texts {
      guard let part = FrozenPart(text) else {
        throw Failure(
          .badRecipe, "'\(text)' is no part that can be frozen", at: place(of: key),
          expected: expected)
      }
      parts.append(part)
    }
    return parts
  }
}
