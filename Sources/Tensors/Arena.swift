/// Memory that is allocated piece by piece and released all at once.
///
/// `reset` releases every piece but retains the memory; if a round needed more than one chunk, the
/// next round gets a single chunk of the total size. Therefore a loop whose rounds need no more
/// memory than an earlier one allocates nothing.
package struct Arena: ~Copyable {
  private var chunks: [Storage] = []
  private var used = 0
  private var usedInFullChunks = 0

  /// An arena that allocates memory from the system at its first use.
  package init() { chunks.reserveCapacity(16) }

  /// The capacity of the arena in values.
  package var capacity: Int { chunks.reduce(0) { $0 + $1.floats.count } }

  /// `count` values with undefined contents, aligned to 64 bytes.
  package mutating func take(_ count: Int) -> Floats {
    precondition(count >= 0, "taking \(count) values")
    let rounded = (count + 15) / 16 * 16
    if chunks.isEmpty || used + rounded > chunks[chunks.count - 1].floats.count {
      grow(by: rounded)
    }
    let piece = chunks[chunks.count - 1].floats[used..<used + count]
    used += rounded
    return piece
  }

  /// A copy of `values` in the arena.
  package mutating func take(copying values: Span<Int32>) -> Indices {
    let piece = take(values.count)
    let owner = chunks[chunks.count - 1]
    return unsafe piece.start.withMemoryRebound(to: Int32.self, capacity: values.count) { start in
      for i in 0..<values.count { unsafe start[i] = values[i] }
      return unsafe Indices(start, count: values.count, in: owner)
    }
  }

  /// The numbers 0, 1, … `last` in the arena.
  package mutating func take(countingTo last: Int) -> Indices {
    let piece = take(last + 1)
    let owner = chunks[chunks.count - 1]
    return unsafe piece.start.withMemoryRebound(to: Int32.self, capacity: last + 1) { start in
      for i in 0...last { unsafe start[i] = Int32(i) }
      return unsafe Indices(start, count: last + 1, in: owner)
    }
  }

  /// The last row of each list of rows, in the arena; `offsets` has the start of each list and the
  /// end of the last.
  package mutating func take(lastRowsOf offsets: Indices) -> Indices {
    let count = max(offsets.count - 1, 0)
    let piece = take(count)
    let owner = chunks[chunks.count - 1]
    return unsafe piece.start.withMemoryRebound(to: Int32.self, capacity: count) { start in
      for i in 0..<count { unsafe start[i] = Int32(offsets[i + 1] - 1) }
      return unsafe Indices(start, count: count, in: owner)
    }
  }

  /// The row `shift` rows behind each row within its list; `missing` beyond the list's ends.
  package mutating func take(
    rowsShiftedBy shift: Int, within offsets: Indices, missing: Int
  ) -> Indices {
    let count = offsets[offsets.count - 1]
    let piece = take(count)
    let owner = chunks[chunks.count - 1]
    return unsafe piece.start.withMemoryRebound(to: Int32.self, capacity: count) { start in
      for list in 1..<max(offsets.count, 1) {
        let rows = offsets[list - 1]..<offsets[list]
        for row in rows {
          unsafe start[row] = Int32(rows.contains(row + shift) ? row + shift : missing)
        }
      }
      return unsafe Indices(start, count: count, in: owner)
    }
  }

  /// Releases every piece and retains the memory.
  package mutating func reset() {
    if chunks.count > 1 {
      let whole = usedInFullChunks + chunks[chunks.count - 1].floats.count
      chunks.removeAll(keepingCapacity: true)
      chunks.append(Storage(count: whole))
    }
    used = 0
    usedInFullChunks = 0
  }

  private mutating func grow(by count: Int) {
    let last = chunks.last?.floats.count ?? 0
    usedInFullChunks += last
    chunks.append(Storage(count: max(count, max(1 << 16, capacity / 2))))
    used = 0
  }
}
