/// `freeze: [embeddings, layers 0-3]`: parts of the encoder that training does not change.
public enum FrozenPart: Sendable, Equatable, CustomStringConvertible {
  /// The embeddings of tokens, positions and token types.
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
  public init?(_ text: String) {
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
