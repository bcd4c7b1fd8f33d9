/// The keys of its sequence that a query attends to, by the distance of their positions.
public enum AttentionMask: Sendable, Hashable {
  /// All of them, as in an encoder.
  case full
  /// Those at and before the query's own position, as in a decoder.
  case causal
  /// Those at most `radius` positions away on either side, as in ModernBERT's local layers.
  case window(radius: Int)
  /// The query's own and at most `radius` before it, as in decoders with a sliding window.
  case causalWindow(radius: Int)

  /// The maximum number of keys before its own that a query attends to; nil for all.
  public var before: Int? {
    switch self {
    case .full, .causal: nil
    case .window(let radius), .causalWindow(let radius): radius
    }
  }

  /// The maximum number of keys after its own that a query attends to; nil for all.
  public var after: Int? {
    switch self {
    case .full: nil
    case .causal, .causalWindow: 0
    case .window(let radius): radius
    }
  }

  /// The range of keys, out of `keys` in the sequence, that the query at `position` attends to.
  package func keys(of position: Int, among keys: Int) -> Range<Int> {
    let first = before.map { max(0, position - $0) } ?? 0
    let end = after.map { min(keys, position + min($0, keys) + 1) } ?? keys
    return first..<max(first, end)
  }
}

/// The positions of the query rows in their sequences, if not all rows are queries.
public enum QueryPlacement: Sendable {
  /// The first row of each sequence.
  case first
  /// The last row of each sequence.
  case last
}
