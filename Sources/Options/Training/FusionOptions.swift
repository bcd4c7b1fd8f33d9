/// How the first stage's score is added to the model's.
public struct FusionOptions: Sendable, Equatable {
  /// The first stage's share of the sum.
  public enum Weight: Sendable, Equatable {
    /// The weight that is best on the dev split.
    case dev
    /// A weight from 0 to 1.
    case fixed(Double)
  }

  /// The first stage's share of the sum.
  public var weight = Weight.dev

  /// The defaults.
  public init() {}
}
