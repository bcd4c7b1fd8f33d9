import Batches
import Testing

/// Sequences laid end to end, and how they are dealt out to shards.
@Suite struct PackedBatchTests {
  @Test func shards() {
    let lengths = (0..<64).map { 5 + $0 * 37 % 120 }
    let sequences = lengths.map { Double($0) * (1 + Double($0) / 1000) }
    for shards in [1, 2, 3, 8] {
      let assignment = shardAssignment(costs: sequences, shards: shards)
      #expect(assignment == shardAssignment(costs: sequences, shards: shards))
      var costs = [Double](repeating: 0, count: shards)
      for (cost, shard) in zip(sequences, assignment) { costs[shard] += cost }
      let (least, most) = (costs.min() ?? 0, costs.max() ?? 0)
      // The dearest sequence costs 1/8 of a shard of 8 and less of others; the last ones even out.
      #expect(most < 1.05 * least, "\(shards) shards cost \(costs)")
    }
    #expect(shardAssignment(costs: [], shards: 3).isEmpty)
    #expect(Set(shardAssignment(costs: [9, 9], shards: 5)).count == 2)
  }

  /// Sequences of one batch that are put into another keep their ids, positions, rows and numbers.
  @Test func partsOfABatch() {
    var whole = PackedBatch()
    var row = 0
    for (member, length) in [3, 1, 4, 2].enumerated() {
      whole.append(member: member, firstRow: row) { ids, types in
        for i in 0..<length {
          ids.append(Int32(10 * member + i))
          types.append(i == 0 ? 0 : 1)
        }
      }
      row += length
    }
    #expect(whole.tokens == 10 && whole.sequences == 4 && whole.offsets == [0, 3, 4, 8, 10])
    var part = PackedBatch()
    part.append(2..<4, of: whole)
    #expect(part.ids == [20, 21, 22, 23, 30, 31])
    #expect(part.types == [0, 1, 1, 1, 0, 1])
    #expect(part.places == [0, 1, 2, 3, 0, 1])
    #expect(part.identity == [4, 5, 6, 7, 8, 9])
    #expect(part.offsets == [0, 4, 6] && part.members == [2, 3])
    part.append(0..<1, of: whole)
    #expect(part.offsets == [0, 4, 6, 9] && part.identity.suffix(3) == [0, 1, 2])
    part.removeAll()
    #expect(part.tokens == 0 && part.sequences == 0 && part.offsets == [0])
  }
}
