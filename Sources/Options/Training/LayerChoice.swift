/// `layers: [0, 2, 5]`, `layers: { every: 2 }`: the layers of the base that a smaller model, its
/// student, begins with.
public enum LayerChoice: Sendable, Equatable {
  /// Layers by their numbers from 0, ascending.
  case numbers([Int])
  /// Layer 0 and every nth after it.
  case every(Int)

  /// The numbers of the chosen layers of a base with `count` layers; some of `numbers` may exceed
  /// them.
  public func numbers(of count: Int) -> [Int] {
    switch self {
    case .numbers(let numbers): numbers
    case .every(let step): Array(stride(from: 0, to: count, by: step))
    }
  }
}
