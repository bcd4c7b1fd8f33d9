import Autodiff
import Collectives
import Tensors

/// The communication between the ranks of a step, with its memory.
struct RankExchange {
  private var own = Storage(count: 0)
  private var all = Storage(count: 0)
  private var marks = Storage(count: 0)

  /// Distributes the scores of all pairs to every rank.
  ///
  /// - Parameters:
  ///   - scores: by pair; this rank's are given, the others' are written.
  ///   - order: the pairs in the order in which the ranks score them.
  ///   - counts: the number of pairs of each rank.
  mutating func scores(
    _ scores: Floats, order: [Int32], counts: [Int], _ collective: any Collective
  ) {
    let count = counts[collective.rank]
    let start = counts[..<collective.rank].reduce(0, +)
    Storage.room(for: count, in: &own)
    Storage.room(for: order.count, in: &all)
    let (given, found) = (own.floats[0..<count], all.floats[0..<order.count])
    for i in 0..<count { given[i] = scores[Int(order[start + i])] }
    given.withSpan { given in
      found.withMutableSpan { collective.gather(given, counts: counts, into: &$0) }
    }
    for (i, pair) in order.enumerated() { scores[Int(pair)] = found[i] }
  }

  /// Sums the gradients of the ranks.
  ///
  /// - Parameters:
  ///   - gradients: this rank's, summed over its workers.
  ///   - runs: the ranges that are updated densely.
  ///   - table: the lookup table, of which only the rows of the step are summed: those that any
  ///     rank has touched. All ranks know them afterwards.
  mutating func gradients(
    _ gradients: Floats, _ runs: [AdamW.Run], _ table: Parameter?, _ rows: inout TouchedRows,
    _ collective: any Collective
  ) {
    for run in runs {
      gradients[run.range].withMutableSpan { collective.sum(&$0) }
    }
    guard let table else { return }
    Storage.room(for: table.shape[0], in: &marks)
    let marks = marks.floats[0..<table.shape[0]]
    rows.mark(marks)
    marks.withMutableSpan { collective.sum(&$0) }
    rows.replace(byMarked: marks)
    // Concatenated, so that one call sums them.
    let columns = table.shape[1]
    Storage.room(for: rows.ofStep.count * columns, in: &own)
    let packed = own.floats[0..<rows.ofStep.count * columns]
    for (i, row) in rows.ofStep.enumerated() {
      packed[i * columns..<(i + 1) * columns].copy(from: gradients[table.rows(row..<row + 1).range])
    }
    packed.withMutableSpan { collective.sum(&$0) }
    for (i, row) in rows.ofStep.enumerated() {
      gradients[table.rows(row..<row + 1).range].copy(from: packed[i * columns..<(i + 1) * columns])
    }
  }
}

extension Storage {
  /// Replaces a storage that is too small by a larger one with reserve.
  fileprivate static func room(for count: Int, in storage: inout Storage) {
    if storage.floats.count < count { storage = Storage(count: 2 * count) }
  }
}
