/// How much goes into a batch.
public enum BatchSize: Sendable, Equatable {
  /// So many lists.
  case lists(Int)
  /// As many lists as have no more tokens than this together, and at least one.
  case tokens(Int)

  /// The default: eight lists.
  public init() { self = .lists(8) }
}
