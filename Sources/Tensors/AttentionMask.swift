/// Which keys of its sequence a query attends to, by the distance of their positions.
public enum AttentionMask: Sendable, Hashable {
  /// All of them, as in an encoder.
  case full
  /// Those at and before the query's own position, as in a decoder.
  case causal
  /// Those at most `radius` positions away on either side, as in ModernBERT's local layers.
  case window(radius: Int)
  /// The query's own and at most `radius` before it, as in decoders with a sliding window.
  case causalWindow(radius: Int)

  /// How many keys before its own a query attends to at most; nil for all.
  public var before: Int? {
    switch self {
    case .full, .causal: nil
    case .window(let radius), .causalWindow(let radius): radius
    }
  }

  /// How many keys after its own a query attends to at most; nil for all.
  public var after: Int? {
    switch self {
    case .full: nil
    case .causal, .causalWindow: 0
    case .window(let radius): radius
    }
  }

  /// The keys, of `keys` in the sequence, that the query at `position` attends to.
  package func keys(of position: Int, among keys: Int) -> Range<Int> {
    let first = before.map { max(0, position - $0) } ?? 0
    let end = after.map { min(keys, position + min($0, keys) + 1) } ?? keys
    return first..<max(first, end)
  }
}

/// Where in their sequences the rows of queries lie, if they are not all rows.
public enum QueryPlacement: Sendable {
  /// They are the first rows of each sequence.
  case first
  /// They are the last rows of each sequence.
  case last
}
