/// The rows of sequences that are computed in several parts, each packed with other sequences: the
/// number that identifies a token is then its row in memory outside the batch.
extension PackedBatch {
  /// Calls `body` for runs of rows that are consecutive in the batch and outside: the first row in the
  /// batch, the first outside, and their number. Every row of the batch is in one run.
  package func forEachRun(_ body: (_ row: Int, _ address: Int, _ count: Int) -> Void) {
    for block in 0..<offsets.count - 1 {
      let (start, end) = (Int(offsets[block]), Int(offsets[block + 1]))
      if start < end { body(start, Int(identity[start]), end - start) }
    }
  }

  /// The same for all rows of all sequences: rows that sequences share occur once for each of them, at
  /// its own place outside.
  package func forEachWholeRun(_ body: (_ row: Int, _ address: Int, _ count: Int) -> Void) {
    guard !prefixes.isEmpty else { return forEachRun(body) }
    for block in 0..<offsets.count - 1
    where prefixes.sequenceOffsets[block + 1] > prefixes.sequenceOffsets[block] {
      let own = Int(offsets[block])
      let start = Int(identity[own] - places[own])
      let keys = Int(prefixes.keyOffsets[block])..<Int(prefixes.keyOffsets[block + 1])
      let length = Int(offsets[block + 1]) - own
      if keys.count > length {
        body(Int(prefixes.keyRows[keys.lowerBound]), start, keys.count - length)
      }
      body(own, start + keys.count - length, length)
    }
  }
}
