/// How the representations of a text's tokens become one embedding.
public enum Pooling: Sendable, Equatable {
  /// Their mean.
  case mean
  /// The first token's.
  case first
  /// The largest value of each component.
  case max
}
