/// The shard of each sequence, so that shards cost about the same: sequences are dealt out in the
/// order of their cost, the most expensive first, each to the shard that is cheapest so far.
package func shardAssignment(lengths: [Int], shards: Int) -> [Int] {
  var result = [Int](repeating: 0, count: lengths.count)
  var costs = [Double](repeating: 0, count: shards)
  for sequence in lengths.indices.sorted(by: { (lengths[$1], $0) < (lengths[$0], $1) }) {
    var cheapest = 0
    for shard in 1..<max(shards, 1) where costs[shard] < costs[cheapest] { cheapest = shard }
    result[sequence] = cheapest
    // Products cost the same for every token; attention grows with the length, and weighs as much
    // as the products of a small encoder at about a thousand tokens.
    let length = Double(lengths[sequence])
    costs[cheapest] += length * (1 + length / 1000)
  }
  return result
}
