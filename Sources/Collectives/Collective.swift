/// The processes (ranks) that train one model together, each on a part of every batch, and the
/// operations by which they exchange values.
///
/// All ranks make the same calls in the same order. A call returns on a rank once every rank whose
/// values it needs has made the same call. Results are bitwise identical on every rank, and so is
/// everything computed from them, such as the weights and the decision to stop.
public protocol Collective: Sendable {
  /// The number of this rank, from 0.
  var rank: Int { get }
  /// The number of ranks.
  var size: Int { get }

  /// Replaces each value by the sum of the ranks' values at the same index; all ranks pass the same
  /// count.
  func sum(_ values: inout MutableSpan<Float>)
  /// Concatenates the values of all ranks, in the order of the ranks.
  ///
  /// - Parameters:
  ///   - values: the values of this rank, `[counts[rank]]`.
  ///   - counts: the number of values of each rank, `[size]`.
  ///   - all: the result; its count is the sum of `counts`.
  func gather(_ values: Span<Float>, counts: [Int], into all: inout MutableSpan<Float>)
  /// Waits until every rank has called it.
  func barrier()
}

/// A single process, with no other ranks.
public struct LocalCollective: Collective {
  /// The only rank.
  public var rank: Int { 0 }
  /// One.
  public var size: Int { 1 }

  /// A collective of one rank.
  public init() {}

  /// Leaves the values unchanged: they are the sum.
  public func sum(_ values: inout MutableSpan<Float>) {}

  /// Copies the values.
  public func gather(_ values: Span<Float>, counts: [Int], into all: inout MutableSpan<Float>) {
    precondition(counts == [values.count] && all.count == values.count, "uneven counts")
    for i in values.indices { all[i] = values[i] }
  }

  /// Returns at once.
  public func barrier() {}
}
