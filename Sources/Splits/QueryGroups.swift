import Corpora

/// Groups of queries with the same or nearly the same words.
///
/// Two queries are the same if their words are (`NormalizedText`: case, punctuation and compatible
/// forms of characters make no difference), and nearly the same if the sets of their words' trigrams
/// have a Jaccard similarity of at least `near` and their numbers are the same (`QueryShingles`). A
/// group is closed: it has every query that is nearly the same as one of its own.
///
/// Pairs are found by locality-sensitive hashing (Broder 1997; Indyk & Motwani 1998), whose hash
/// functions are fixed, and then compared exactly: equal queries give equal groups on every machine.
/// Of pairs at the usual threshold 99.99 % are found, of more similar ones more. Time grows with the
/// number of queries, memory by about 4 bytes a trigram.
package struct QueryGroups: Sendable {
  /// The number of the first query with the same words, for each query.
  package let first: [Int]
  /// The number of the first query of its group, for each query.
  package let group: [Int]

  /// The similarity from which queries are nearly the same, unless a user says otherwise.
  package static let usual = 0.8

  /// Groups queries.
  ///
  /// - Parameter near: the similarity from which queries are nearly the same, above 0 up to 1; at 1
  ///   only the same words make a group.
  package init(_ queries: some Sequence<String>, near: Double = Self.usual) {
    var pool = ShinglePool()
    /// For each different text the number of its first query, and its words' hash.
    var firsts: [Int] = []
    var known: [UInt64: Int] = [:]
    var distinct: [Int] = []
    var count = 0
    for query in queries {
      let words = NormalizedText(query)
      let next = firsts.count
      let number = known.updateValue(known[words.hash] ?? next, forKey: words.hash) ?? next
      if number == next {
        firsts.append(count)
        if near < 1 { pool.append(QueryShingles(words)) }
      }
      distinct.append(number)
      count += 1
    }
    first = distinct.map { firsts[$0] }
    var union = DisjointSets(firsts.count)
    if near < 1 {
      pool.forEachPair(near) {
        union.unite($0, $1)
      } isKnown: {
        union.areOne($0, $1)
      }
    }
    group = distinct.map { firsts[union.root(of: $0)] }
  }
}

/// Numbers in sets that are united; the least number of a set stands for it.
private struct DisjointSets {
  private var parents: [Int]

  init(_ count: Int) { parents = Array(0..<count) }

  mutating func root(of number: Int) -> Int {
    var root = number
    while parents[root] != root { root = parents[root] }
    var next = number
    while next != root { (next, parents[next]) = (parents[next], root) }
    return root
  }

  mutating func areOne(_ a: Int, _ b: Int) -> Bool { root(of: a) == root(of: b) }

  mutating func unite(_ a: Int, _ b: Int) {
    let (a, b) = (root(of: a), root(of: b))
    parents[max(a, b)] = min(a, b)
  }
}
