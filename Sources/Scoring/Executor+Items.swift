import Batches
import Collectives
import Synchronization
import Tensors

/// The progress of a run.
private final class Progress: Sendable {
  let nextSlice = Atomic<Int>(0)
  let doneUnits = Atomic<Int>(0)
}

extension Executor {
  /// The rows of items whose lengths are known, `[lengths.count, width]`.
  ///
  /// - Parameters:
  ///   - prefixes: what items have in common at their start; nil if nothing is computed once.
  ///   - append: adds the item of a number to a slice.
  ///   - most: the maximum number of units per slice, unless it has only one item.
  ///   - collective: the ranks among which slices are divided; all of them get all rows.
  ///   - compute: another computation than the executor's own; nil for that.
  ///   - progress: receives the number of units done and the total, on any thread.
  func rows(
    width: Int, lengths: [Int], prefixes: ItemPrefixes? = nil, most: Int = sliceUnits,
    collective: any Collective,
    append: @escaping @Sendable (_ item: Int, _ items: inout Items) -> Void,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?, compute: Compute? = nil
  ) -> Storage {
    let storage = Storage(count: lengths.count * width)
    let rows = storage.floats
    let plan = SlicePlan(lengths, prefixes, most: most)
    let slices = plan.slices(of: collective.rank, collective.size)
    let order = plan.order
    let total = slices.reduce(0) { $1.reduce($0) { $0 + lengths[order[$1]] } }
    let state = Progress()
    run(compute: compute) { _, items in
      let next = state.nextSlice.add(1, ordering: .relaxed).oldValue
      guard next < slices.count else { return false }
      for position in slices[next] { append(order[position], &items) }
      return true
    } deliver: { _, items, found in
      var units = 0
      for (i, member) in items.members.enumerated() {
        units += lengths[Int(member)]
        rows[Int(member) * width..<(Int(member) + 1) * width].copy(
          from: found[i * width..<(i + 1) * width])
      }
      let done = state.doneUnits.add(units, ordering: .relaxed).newValue
      progress?(done, total)
    }
    if collective.size > 1 { plan.gather(rows, width: width, collective) }
    return storage
  }
}

extension SlicePlan {
  /// Distributes all rows to every rank.
  func gather(_ rows: Floats, width: Int, _ collective: any Collective) {
    let parts = (0..<collective.size).map { rank in
      slices(of: rank, collective.size).flatMap { order[$0] }
    }
    let own = Storage(count: parts[collective.rank].count * width)
    let all = Storage(count: order.count * width)
    func row(_ row: Int, of floats: Floats) -> Floats {
      floats[row * width..<(row + 1) * width]
    }
    for (i, item) in parts[collective.rank].enumerated() {
      row(i, of: own.floats).copy(from: row(item, of: rows))
    }
    own.floats.withSpan { given in
      all.floats.withMutableSpan {
        collective.gather(given, counts: parts.map { $0.count * width }, into: &$0)
      }
    }
    for (i, item) in parts.joined().enumerated() {
      row(item, of: rows).copy(from: row(i, of: all.floats))
    }
    withExtendedLifetime((own, all)) {}
  }
}
