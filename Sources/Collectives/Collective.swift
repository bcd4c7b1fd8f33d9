/// The processes (ranks) that train one model together, each on a part of every batch, and what they
/// exchange.
///
/// All ranks make the same calls in the same order; each call returns on a rank when the others have
/// made it too, as far as that rank needs them. Results have the same bits on every rank, so that
/// what follows from them does too: weights, and the decision to stop.
public protocol Collective: Sendable {
  /// The number of this rank, from 0.
  var rank: Int { get }
  /// How many ranks there are.
  var size: Int { get }

  /// Replaces each value by the sum of the ranks' values at its place; all ranks give as many.
  func sum(_ values: inout MutableSpan<Float>)
  /// Puts the values of all ranks one after the other, in the order of the ranks.
  ///
  /// - Parameters:
  ///   - values: this rank's, `[counts[rank]]`.
  ///   - counts: how many each rank gives, `[size]`.
  ///   - all: where they go, with the sum of `counts` places.
  func gather(_ values: Span<Float>, counts: [Int], into all: inout MutableSpan<Float>)
  /// Waits until every rank is here.
  func barrier()
}

/// One process on its own: there is nothing to exchange.
public struct LocalCollective: Collective {
  /// The only rank.
  public var rank: Int { 0 }
  /// One.
  public var size: Int { 1 }

  /// A collective of one rank.
  public init() {}

  /// Leaves the values as they are: they are the sum.
  public func sum(_ values: inout MutableSpan<Float>) {}

  /// Copies the values.
  public func gather(_ values: Span<Float>, counts: [Int], into all: inout MutableSpan<Float>) {
    precondition(counts == [values.count] && all.count == values.count, "uneven counts")
    for i in values.indices { all[i] = values[i] }
  }

  /// Returns at once.
  public func barrier() {}
}
