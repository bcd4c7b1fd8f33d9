/// The combination of the first stage's score with the model's.
public struct FusionOptions: Sendable, Equatable {
  /// The first stage's weight in the sum.
  public enum Weight: Sendable, Equatable {
    /// The best weight on the dev split.
    case dev
    /// A weight from 0 to 1.
    case fixed(Double)
  }

  /// The first stage's weight in the sum.
  public var weight = Weight.dev
  /// The factor of the first stage's standardised scores, which are added to the model's in the
  /// training loss; nil if training does not look at the first stage.
  public var residual: Double?

  /// The default options.
  public init() {}
}
