import Batches
import Testing

/// Sequences that begin with the same tokens, which are laid once.
@Suite struct SharedPrefixTests {
  private func batch(_ sequences: [[Int32]]) -> PackedBatch {
    var batch = PackedBatch()
    var row = 0
    for (member, sequence) in sequences.enumerated() {
      batch.append(member: member + 7, firstRow: row) { ids, types in
        ids += sequence
        types += sequence.map { _ in 0 }
      }
      row += sequence.count
    }
    return batch
  }

  /// The sequences as attention reads them: the keys of each block with a last row.
  private func read(_ batch: PackedBatch) -> [[Int32]] {
    let prefixes = batch.prefixes
    var found: [[Int32]] = []
    for block in 0..<prefixes.keyOffsets.count - 1
    where prefixes.sequenceOffsets[block + 1] > prefixes.sequenceOffsets[block] {
      let keys = prefixes.keyRows[
        Int(prefixes.keyOffsets[block])..<Int(prefixes.keyOffsets[block + 1])]
      #expect(keys.map { batch.places[Int($0)] } == (0..<Int32(keys.count)).map(\.self))
      #expect(keys.last == prefixes.lastRows[found.count])
      #expect(batch.offsets[block + 1] - 1 == keys.last)
      found.append(keys.map { batch.ids[Int($0)] })
    }
    return found
  }

  /// Two queries with three and two documents, and a sequence by itself.
  @Test func groups() {
    let first = (1...10).map(Int32.init)
    let second = (21...32).map(Int32.init)
    let sequences: [[Int32]] = [
      first + [50, 51, 52], first + [53], first + [50, 54], second + [55], second + [56, 57],
      [3, 4],
    ]
    var batch = batch(sequences)
    batch.sharePrefixes()
    // The first and the third document begin with the same token; it is not worth a group.
    #expect(batch.offsets == [0, 10, 13, 14, 16, 28, 29, 31, 33])
    #expect(batch.ids == first + [50, 51, 52, 53, 50, 54] + second + [55, 56, 57, 3, 4])
    #expect(batch.prefixes.sequenceOffsets == [0, 0, 1, 2, 3, 3, 4, 5, 6])
    #expect(batch.prefixes.lastRows == [12, 13, 15, 28, 30, 32])
    #expect(batch.sequences == 6 && batch.members == [7, 8, 9, 10, 11, 12])
    #expect(read(batch) == sequences)
  }

  /// Documents without tokens and the same document twice: the last token stays a sequence's own.
  @Test func nothingBehindThePrefix() {
    let prefix = (1...9).map(Int32.init)
    let sequences = [prefix + [10, 11], prefix + [10], prefix, prefix + [10, 11]]
    var batch = batch(sequences)
    batch.sharePrefixes()
    #expect(batch.ids == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 9, 10, 9, 9, 10, 11])
    #expect(read(batch) == sequences)
  }

  /// What would save little changes nothing: short prefixes, one sequence, other types.
  @Test func notWorthwhile() {
    let prefix = (1...7).map(Int32.init)
    let long = (100..<300).map(Int32.init)
    let others: [[[Int32]]] = [
      [prefix + [8], prefix + [9]], [prefix + prefix], [],
      [prefix + [8, 9] + long, prefix + [8, 9] + long.reversed()],
    ]
    for sequences in others {
      var batch = batch(sequences)
      batch.sharePrefixes()
      #expect(batch.prefixes.isEmpty && batch.ids == sequences.flatMap(\.self))
    }
    var batch = PackedBatch()
    for member in 0..<2 {
      batch.append(member: member, firstRow: 0) { ids, types in
        ids += (1...20).map(Int32.init)
        types += (0..<20).map { $0 == 3 ? Int32(member) : 0 }
      }
    }
    batch.sharePrefixes()
    #expect(batch.prefixes.isEmpty)
  }

  /// Groups save as much as the best division of all, for any sequences; and the batch can be used
  /// again.
  @Test func anySequences() {
    var state: UInt64 = 3
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var batch = PackedBatch()
    for _ in 0..<300 {
      var sequences: [[Int32]] = []
      for _ in 0..<1 + random(7) {
        // Long common starts, of which some end early.
        let common = random(3) == 0 ? 8 + random(6) : 20
        sequences.append(
          (0..<common).map { Int32($0) } + (0..<random(12)).map { _ in Int32(random(3)) })
      }
      batch.removeAll()
      for (member, sequence) in sequences.enumerated() {
        batch.append(member: member, firstRow: 0) { ids, types in
          ids += sequence
          types += sequence.map { _ in 0 }
        }
      }
      let all = batch.tokens
      batch.sharePrefixes()
      let most = saved(sequences[...])
      if batch.prefixes.isEmpty {
        #expect(most * 16 < all || most == 0)
      } else {
        #expect(all - batch.tokens == most)
        #expect(read(batch) == sequences)
      }
    }
  }

  /// The most tokens that can be saved, by trying all divisions.
  private func saved(_ sequences: ArraySlice<[Int32]>) -> Int {
    guard sequences.count > 1 else { return 0 }
    var most = 0
    for end in sequences.startIndex + 1...sequences.endIndex {
      let group = sequences[sequences.startIndex..<end]
      let least = group.map(\.count).min() ?? 0
      var length = 0
      while length < least - 1, group.allSatisfy({ $0[length] == group.first?[length] }) {
        length += 1
      }
      let own = length >= 8 ? length * (group.count - 1) : 0
      most = max(most, own + saved(sequences[end...]))
    }
    return most
  }
}
