/// An interval of training: `100 steps`, `1 epoch`.
public enum Interval: Sendable, Equatable, CustomStringConvertible {
  /// A number of optimizer steps, from 1.
  case steps(Int)
  /// A number of passes over the training data, from 1.
  case epochs(Int)

  /// The interval as a recipe writes it.
  public var description: String {
    switch self {
    case .steps(let count): count == 1 ? "1 step" : "\(count) steps"
    case .epochs(let count): count == 1 ? "1 epoch" : "\(count) epochs"
    }
  }

  /// Reads `100 steps`, `1 epoch`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let count = Int(parts[0]), count >= 1 else { return nil }
    switch parts[1] {
    case "step", "steps": self = .steps(count)
    case "epoch", "epochs": self = .epochs(count)
    default: return nil
    }
  }
}
