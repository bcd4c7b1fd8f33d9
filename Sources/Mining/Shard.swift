/// A part of the queries: the `number`th of `count` contiguous ranges.
///
/// Parts begin at batch boundaries, so that the batches are the same for every number of parts; the
/// concatenated files of all parts equal those of a single run.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
  /// The number of the part, from 1.
  public let number: Int
  /// The number of parts.
  public let count: Int

  /// All queries.
  public static let whole = Shard(number: 1, count: 1)

  private init(number: Int, count: Int) {
    self.number = number
    self.count = count
  }

  /// Part `number` of `count`; nil if `number` is out of range.
  public init?(_ number: Int, of count: Int) {
    guard number >= 1, number <= count, count <= 100_000 else { return nil }
    self.init(number: number, count: count)
  }

  /// Reads `2/3`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1] else { return nil }
    self.init(number, of: count)
  }

  /// `2/3`.
  public var description: String { "\(number)/\(count)" }

  /// The part's folder inside the job's folder; the job's folder itself if there is only one part.
  public func folder(in folder: String) -> String {
    count == 1 ? folder : "\(folder)/shard-\(number)-of-\(count)"
  }

  /// The queries of the part.
  func range(of queries: Int, batch: Int) -> Range<Int> {
    let batches = (queries + batch - 1) / batch
    let start = batches * (number - 1) / count
    let end = batches * number / count
    return min(start * batch, queries)..<min(end * batch, queries)
  }
}
