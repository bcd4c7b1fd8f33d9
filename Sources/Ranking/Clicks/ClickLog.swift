/// The numbers of impressions and clicks of documents by position, for the estimation of position
/// bias.
///
/// The log stores one entry per pair of query and document and position; memory grows with the
/// pairs, not with their impressions.
public struct ClickLog: Sendable {
  /// The numbers of impressions and of clicks of a pair at a position.
  struct Count: Sendable {
    var position: Int
    var shown = 0
    var clicked = 0
  }

  /// Entries by pair, in the order of first occurrence; one entry per position.
  private(set) var counts: [[Count]] = []
  private var pairs: [Pair: Int] = [:]

  private struct Pair: Hashable {
    var query: Int
    var document: Int
  }

  /// An empty log.
  public init() {}

  /// Adds one impression of a document for a query, both given by number, at a position from 1.
  public mutating func add(query: Int, document: Int, position: Int, isClicked: Bool) {
    precondition(position > 0, "positions start at 1")
    let pair = pairs[Pair(query: query, document: document), default: counts.count]
    if pair == counts.count {
      pairs[Pair(query: query, document: document)] = pair
      counts.append([])
    }
    let i = counts[pair].firstIndex { $0.position == position } ?? counts[pair].count
    if i == counts[pair].count { counts[pair].append(Count(position: position)) }
    counts[pair][i].shown += 1
    counts[pair][i].clicked += isClicked ? 1 : 0
  }
}
