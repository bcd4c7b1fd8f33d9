package import Autodiff
package import Diagnostics
package import JSON
import Tables

/// The results of a measurement, in the order in which they are printed; numbers have one decimal
/// place, shares three.
package struct BenchReport {
  private var rows: [(name: String, value: JSONValue)] = []

  /// A report without results.
  package init() {}

  /// Adds a number, rounded to a multiple of 1 / `digits`.
  package mutating func add(_ name: String, _ value: Double, digits: Double = 10) {
    rows.append((name, .number((value * digits).rounded() / digits)))
  }

  /// Adds how the workers spent their time, as shares of `wall` seconds per worker. Time that no
  /// worker accounts for counts as waiting too: for batches to be made.
  package mutating func add(_ times: WorkTimes, wall: Double, workers: Int) {
    let total = wall * Double(workers)
    add("time_products", times.products / total, digits: 1000)
    add("time_attention", times.attention / total, digits: 1000)
    add("time_rows", times.rows / total, digits: 1000)
    add("time_optimizer", times.optimizer / total, digits: 1000)
    add("time_waiting", (total - times.total + times.waiting) / total, digits: 1000)
  }

  /// Adds a count.
  package mutating func add(_ name: String, _ count: Int) { rows.append((name, .whole(count))) }

  /// Adds a word.
  package mutating func add(_ name: String, _ word: String) { rows.append((name, .text(word))) }

  /// All results as one object.
  package var json: JSONValue {
    .object(
      Dictionary(rows.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }))
  }

  /// One line per result.
  package func text() throws(Failure) -> String {
    var cells: [[String]] = []
    for row in rows {
      let value: String = if case .text(let text) = row.value { text } else { try row.value.json() }
      cells.append([row.name.replacing("_", with: " "), value])
    }
    return alignedColumns(cells)
  }
}
