/// The shard of each item, so that shards have about equal cost: items are assigned in descending
/// order of cost, each to the shard with the lowest cost so far.
package func shardAssignment(costs: [Double], shards: Int) -> [Int] {
  var result = [Int](repeating: 0, count: costs.count)
  var totals = [Double](repeating: 0, count: shards)
  for item in costs.indices.sorted(by: { (costs[$1], $0) < (costs[$0], $1) }) {
    var cheapest = 0
    for shard in 1..<max(shards, 1) where totals[shard] < totals[cheapest] { cheapest = shard }
    result[item] = cheapest
    totals[cheapest] += costs[item]
  }
  return result
}
