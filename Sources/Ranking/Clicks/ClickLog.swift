/// How often documents were shown where, and clicked, as far as it says something about positions.
///
/// What is kept is one entry for a pair of query and document at a position; memory grows with the
/// pairs, not with how often they were shown.
public struct ClickLog: Sendable {
  /// How often a pair was shown at a position, and how often it was clicked there.
  struct Count: Sendable {
    var position: Int
    var shown = 0
    var clicked = 0
  }

  /// By pair, in the order in which they first came: one entry a position.
  private(set) var counts: [[Count]] = []
  private var pairs: [Pair: Int] = [:]

  private struct Pair: Hashable {
    var query: Int
    var document: Int
  }

  /// An empty log.
  public init() {}

  /// Adds one showing of a document for a query, both told by number, at a position from 1.
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
