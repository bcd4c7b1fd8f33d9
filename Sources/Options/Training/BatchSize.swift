/// The size of a batch.
public enum BatchSize: Sendable, Equatable {
  /// A number of lists.
  case lists(Int)
  /// As many lists as fit this total number of tokens, and at least one.
  case tokens(Int)

  /// The default: eight lists.
  public init() { self = .lists(8) }
}
